<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="nl" sourcelanguage="en">
 <context>
  <name>geowoonzorg</name>
  <message>
   <source>The temporary folder or the output cannot be written: {reason}</source>
   <translation>In de tijdelijke map of de uitvoer kan niet worden geschreven: {reason}</translation>
  </message>
  <message>
   <source>In QGIS: choose another place for the output.</source>
   <translation>In QGIS: kies een andere plaats voor de uitvoer.</translation>
  </message>
  <message>
   <source>Cancelled; nothing was written.</source>
   <translation>Geannuleerd; er is niets geschreven.</translation>
  </message>
  <message>
   <source>{output}: a feature could not be written: {reason}</source>
   <translation>{output}: een object kon niet worden geschreven: {reason}</translation>
  </message>
  <message>
   <source>In QGIS: choose another folder, or tick: {option}.</source>
   <translation>In QGIS: kies een andere map, of vink aan: {option}.</translation>
  </message>
  <message>
   <source>{output}: {count} features</source>
   <translation>{output}: {count} objecten</translation>
  </message>
  <message>
   <source>{output}: not part of this answer</source>
   <translation>{output}: geen deel van dit antwoord</translation>
  </message>
  <message>
   <source>The engine wrote no {file}.</source>
   <translation>De engine heeft geen {file} geschreven.</translation>
  </message>
  <message>
   <source>Difference between service areas</source>
   <translation>Verschil tussen verzorgingsgebieden</translation>
  </message>
  <message>
   <source>Lays two layers of service areas over each other, of two days, two plans or two kinds of walkers, and gives per facility or class and distance what is gained, lost and in both. An area that only one layer has is gained or lost whole; where one of the two is not known it says so.</source>
   <translation>Legt twee lagen met verzorgingsgebieden over elkaar, van twee dagen, twee plannen of twee soorten lopers, en geeft per voorziening of klasse en afstand wat erbij is gekomen, wat is verloren en wat in beide ligt. Een gebied dat maar één laag heeft, is in zijn geheel erbij gekomen of verloren; waar een van beide niet bekend is, staat dat er.</translation>
  </message>
  <message>
   <source>Areas from Service areas, or from Service areas as rings or per class; both made the same way.</source>
   <translation>Vlakken uit Verzorgingsgebieden, of uit Verzorgingsgebieden in ringen of per klasse; allebei op dezelfde manier gemaakt.</translation>
  </message>
  <message>
   <source>Per facility or class, distance and change one area, with its square metres.</source>
   <translation>Per voorziening of klasse, afstand en verandering één vlak, met de vierkante meters.</translation>
  </message>
  <message>
   <source>Before</source>
   <translation>Voor</translation>
  </message>
  <message>
   <source>After</source>
   <translation>Na</translation>
  </message>
  <message>
   <source>Vragers and dragers</source>
   <translation>Vragers en dragers</translation>
  </message>
  <message>
   <source>Lays the balance of vragers and dragers, and the Leefbaarometer beside it, over buurten or wijken. The balance is a construct of geowoonzorg on open CBS figures, relative to the reference: no norm, and no judgement of persons.</source>
   <translation>Legt de balans van vragers en dragers, met de Leefbaarometer ernaast, over buurten of wijken. De balans is een eigen constructie van geowoonzorg op open CBS-cijfers, ten opzichte van de referentie: geen norm, en geen oordeel over personen.</translation>
  </message>
  <message>
   <source>The areas with both sides apart, their balance, the Leefbaarometer, and what is missing and why.</source>
   <translation>De gebieden met beide kanten apart, hun balans, de Leefbaarometer, en wat ontbreekt en waarom.</translation>
  </message>
  <message>
   <source>Compare with</source>
   <translation>Vergelijken met</translation>
  </message>
  <message>
   <source>Own balance profile</source>
   <translation>Eigen balansprofiel</translation>
  </message>
  <message>
   <source>auto, gemeente, region, country, or a code such as GM0166: an area like it has balance 0.</source>
   <translation>auto, gemeente, region, country of een code zoals GM0166: een gebied zoals dat heeft balans 0.</translation>
  </message>
  <message>
   <source>A TOML file with other columns, weights or cap.</source>
   <translation>Een TOML-bestand met andere kolommen, gewichten of grens.</translation>
  </message>
  <message>
   <source>Check a study</source>
   <translation>Studie controleren</translation>
  </message>
  <message>
   <source>Tells every problem of a study.toml at once, and computes nothing.</source>
   <translation>Noemt alle fouten in een study.toml in één keer, en rekent niets uit.</translation>
  </message>
  <message>
   <source>The study's file; the paths in it are relative to its own folder.</source>
   <translation>Het bestand van de studie; paden erin gelden vanaf zijn eigen map.</translation>
  </message>
  <message>
   <source>Study (study.toml)</source>
   <translation>Studie (study.toml)</translation>
  </message>
  <message>
   <source>What was found</source>
   <translation>Wat er is gevonden</translation>
  </message>
  <message>
   <source>Compare two runs</source>
   <translation>Twee uitkomsten vergelijken</translation>
  </message>
  <message>
   <source>Lays two runs beside each other, and tells of each difference in score how much came through data, profile or network.
Two folders of a region as well: how every number changed, through figures, agreements or borders.</source>
   <translation>Legt twee uitkomsten naast elkaar en zegt van elk verschil in score hoeveel er door gegevens, profiel of netwerk komt.
Ook twee mappen van een regio: hoe elk getal veranderde, door cijfers, afspraken of grenzen.</translation>
  </message>
  <message>
   <source>The output folder of a run or of a region, with provenance.json.</source>
   <translation>De map met de uitkomst van een studie of een regio, met provenance.json.</translation>
  </message>
  <message>
   <source>Needed where more than one thing changed: both are worked out again with parts of the other. Of a region its region.toml.</source>
   <translation>Nodig als er meer dan één ding veranderde: beide worden opnieuw uitgerekend met delen van de ander. Van een regio haar region.toml.</translation>
  </message>
  <message>
   <source>Before (folder)</source>
   <translation>Eerst (map)</translation>
  </message>
  <message>
   <source>After (folder)</source>
   <translation>Daarna (map)</translation>
  </message>
  <message>
   <source>Study or region before</source>
   <translation>Studie of regio ervoor</translation>
  </message>
  <message>
   <source>Study or region after</source>
   <translation>Studie of regio erna</translation>
  </message>
  <message>
   <source>Sites before and after</source>
   <translation>Locaties eerst en daarna</translation>
  </message>
  <message>
   <source>Each site's score and rank in both runs.</source>
   <translation>De score en rang van elke locatie in beide uitkomsten.</translation>
  </message>
  <message>
   <source>Gemeenten before and after</source>
   <translation>Gemeenten voor en na</translation>
  </message>
  <message>
   <source>Of regions: which stayed, came or went.</source>
   <translation>Van regio's: welke bleven, erbij kwamen of weggingen.</translation>
  </message>
  <message>
   <source>Differences</source>
   <translation>Verschillen</translation>
  </message>
  <message>
   <source>Per site and criterion, or per number of a region, before and after; the parts add up to the difference.</source>
   <translation>Per locatie en criterium, of per getal van een regio, voor en na; de delen tellen op tot het verschil.</translation>
  </message>
  <message>
   <source>Coverage per area</source>
   <translation>Dekking per gebied</translation>
  </message>
  <message>
   <source>Tells for every area which share of its homes lies within walking distance of each class of facility, in both answers, with the people of 65 and over as a range. Of a class that is not known completely the share is at least this.</source>
   <translation>Zegt voor elk gebied welk deel van de woningen op loopafstand van elke klasse van voorzieningen ligt, in beide antwoorden, met de mensen van 65 en ouder als bereik. Van een klasse die niet volledig bekend is, is het deel minstens zo hoog.</translation>
  </message>
  <message>
   <source>Coverage per area and class</source>
   <translation>Dekking per gebied en klasse</translation>
  </message>
  <message>
   <source>A row per area, class and walking distance: how many homes, how many near, and of how many elderly that is.</source>
   <translation>Een rij per gebied, klasse en loopafstand: hoeveel woningen er zijn, hoeveel er dichtbij liggen, en hoeveel ouderen dat zijn.</translation>
  </message>
  <message>
   <source>Areas with their coverage</source>
   <translation>Gebieden met hun dekking</translation>
  </message>
  <message>
   <source>The areas with, per class, the share of homes within the first walking distance.</source>
   <translation>De gebieden met per klasse het deel van de woningen binnen de eerste loopafstand.</translation>
  </message>
  <message>
   <source>Demo: a fictional municipality</source>
   <translation>Demo: een fictieve gemeente</translation>
  </message>
  <message>
   <source>The whole job in one click, without the internet, on a fictional municipality that comes with the engine.</source>
   <translation>Het hele werk in één klik, zonder internet, op een fictieve gemeente die bij de engine hoort.</translation>
  </message>
  <message>
   <source>Scoring profile</source>
   <translation>Scoreprofiel</translation>
  </message>
  <message>
   <source>Check the engine and its environment</source>
   <translation>Omgeving controleren</translation>
  </message>
  <message>
   <source>Tells which engine is used and who named it, its version and those of its libraries, and tests the coordinates. Use it after installing, and add its text to a question or report.</source>
   <translation>Zegt welke engine wordt gebruikt en wie die heeft aangewezen, haar versie en die van haar bibliotheken, en test de coördinaten. Gebruik dit na het installeren, en voeg de tekst toe aan een vraag of melding.</translation>
  </message>
  <message>
   <source>Sound</source>
   <translation>In orde</translation>
  </message>
  <message>
   <source>Engine {version}, from {origin}: {python}</source>
   <translation>Engine {version}, via {origin}: {python}</translation>
  </message>
  <message>
   <source>Facilities from OpenStreetMap</source>
   <translation>Voorzieningen uit OpenStreetMap</translation>
  </message>
  <message>
   <source>Takes huisartsen, supermarkten, apotheken and other facilities from an OpenStreetMap extract, each counted once. What is not in OpenStreetMap is unknown: check the list with people who know the place.</source>
   <translation>Haalt huisartsen, supermarkten, apotheken en andere voorzieningen uit een OpenStreetMap-uitsnede, elk één keer geteld. Wat niet in OpenStreetMap staat is onbekend: loop de lijst na met mensen die de plek kennen.</translation>
  </message>
  <message>
   <source>One point a facility, with its class, name, OpenStreetMap object and when it was last edited.</source>
   <translation>Eén punt per voorziening, met klasse, naam, OpenStreetMap-object en de laatste bewerking.</translation>
  </message>
  <message>
   <source>Facilities</source>
   <translation>Voorzieningen</translation>
  </message>
  <message>
   <source>Of borders and figures. Empty: the newest that is published.</source>
   <translation>Van grenzen en cijfers. Leeg: het nieuwste dat is gepubliceerd.</translation>
  </message>
  <message>
   <source>Without this what is in the folder stays as it is.</source>
   <translation>Zonder dit blijft wat in de map staat zoals het is.</translation>
  </message>
  <message>
   <source>Fetch open data of a gemeente</source>
   <translation>Open data van een gemeente ophalen</translation>
  </message>
  <message>
   <source>Fetches streets, facilities, areas and figures of a gemeente into a folder, with a study.toml that is ready to run. In a folder that was fetched before only what is missing is fetched. This uses the internet.</source>
   <translation>Haalt straten, voorzieningen, gebieden en cijfers van een gemeente op in een map, met een study.toml die meteen kan draaien. In een map waarin al eerder is opgehaald, wordt alleen opgehaald wat ontbreekt. Hiervoor is internet nodig.</translation>
  </message>
  <message>
   <source>Gemeente</source>
   <translation>Gemeente</translation>
  </message>
  <message>
   <source>Year</source>
   <translation>Jaar</translation>
  </message>
  <message>
   <source>Fetch again what is there</source>
   <translation>Opnieuw ophalen wat er al is</translation>
  </message>
  <message>
   <source>The extract of the province</source>
   <translation>De uitsnede van de provincie</translation>
  </message>
  <message>
   <source>Overpass, only this gemeente</source>
   <translation>Overpass, alleen deze gemeente</translation>
  </message>
  <message>
   <source>Streets from</source>
   <translation>Straten uit</translation>
  </message>
  <message>
   <source>Where the streets are fetched from.</source>
   <translation>Waar de straten vandaan komen.</translation>
  </message>
  <message>
   <source>OpenStreetMap file</source>
   <translation>OpenStreetMap-bestand</translation>
  </message>
  <message>
   <source>An extract that is used instead of fetching one.</source>
   <translation>Een uitsnede die wordt gebruikt in plaats van er een op te halen.</translation>
  </message>
  <message>
   <source>A name or a code, such as Kampen or GM0166.</source>
   <translation>Een naam of een code, zoals Kampen of GM0166.</translation>
  </message>
  <message>
   <source>{parameter}: fill in a name or a code.</source>
   <translation>{parameter}: vul een naam of een code in.</translation>
  </message>
  <message>
   <source>Indicators at sites</source>
   <translation>Indicatoren op locaties</translation>
  </message>
  <message>
   <source>Measures every criterion of the profile at each site: walking distances, figures of the areas as the people in the walking catchment have them, noise; without scores or ranks. What is not given or not covered stays unknown.</source>
   <translation>Meet elk criterium van het profiel op elke locatie: loopafstanden, buurtcijfers zoals de mensen op loopafstand die hebben, geluid; zonder scores of rangen. Wat niet is opgegeven of niet gedekt wordt blijft onbekend.</translation>
  </message>
  <message>
   <source>The sites with what was measured, each in its own unit.</source>
   <translation>De locaties met wat er is gemeten, elk in de eigen eenheid.</translation>
  </message>
  <message>
   <source>Start a study</source>
   <translation>Studie beginnen</translation>
  </message>
  <message>
   <source>Writes a study.toml with an explanation at every line into a folder. Fill in your files, check it with Check a study, and run it. A study that is there is not replaced.</source>
   <translation>Zet een study.toml met uitleg bij elke regel in een map. Vul uw bestanden in, controleer hem met Studie controleren, en draai hem. Een studie die er al staat wordt niet vervangen.</translation>
  </message>
  <message>
   <source>As many rows a place and class, fewer where fewer are reached.</source>
   <translation>Zoveel rijen per plek en klasse, minder waar er minder worden bereikt.</translation>
  </message>
  <message>
   <source>The nearest few facilities</source>
   <translation>De dichtstbijzijnde paar voorzieningen</translation>
  </message>
  <message>
   <source>For every place the walk to the nearest few facilities of each class, ranked: whether there is a choice, and how far the second and the third are. A place that reaches none has one row, and a status says why.</source>
   <translation>Per plek de loopafstand tot de dichtstbijzijnde paar voorzieningen van elke klasse, op volgorde: of er iets te kiezen is, en hoe ver de tweede en de derde zijn. Een plek die er geen bereikt heeft één rij, en een status zegt waarom.</translation>
  </message>
  <message>
   <source>The places of departure, with the nearest few facilities of each class, their rank and the metres to them.</source>
   <translation>De vertrekplekken, met de dichtstbijzijnde paar voorzieningen van elke klasse, hun volgorde en de meters daarheen.</translation>
  </message>
  <message>
   <source>How many of each class</source>
   <translation>Hoeveel van elke klasse</translation>
  </message>
  <message>
   <source>Places of departure</source>
   <translation>Vertrekplekken</translation>
  </message>
  <message>
   <source>Points or areas, such as addresses.</source>
   <translation>Punten of vlakken, zoals adressen.</translation>
  </message>
  <message>
   <source>Points or areas.</source>
   <translation>Punten of vlakken.</translation>
  </message>
  <message>
   <source>Where they may come, such as plots or buildings. Empty: what is chosen under Advanced.</source>
   <translation>Waar ze mogen komen, zoals kavels of gebouwen. Leeg: wat bij Geavanceerd is gekozen.</translation>
  </message>
  <message>
   <source>Where facilities are missing</source>
   <translation>Waar voorzieningen ontbreken</translation>
  </message>
  <message>
   <source>Finds where more facilities of a class reach most people who cannot walk to one now. The log says whether better is possible, and how much at most.</source>
   <translation>Zoekt waar meer voorzieningen van een klasse de meeste mensen bereiken die er nu niet naartoe kunnen lopen. Het logboek zegt of het beter kan, en hoeveel hoogstens.</translation>
  </message>
  <message>
   <source>The places in the order in which they gain most, with whom each reaches.</source>
   <translation>De plekken in de volgorde van wat ze winnen, met wie elk bereikt.</translation>
  </message>
  <message>
   <source>Possible places</source>
   <translation>Mogelijke plekken</translation>
  </message>
  <message>
   <source>Without such a layer: try</source>
   <translation>Zonder zo’n laag: probeer</translation>
  </message>
  <message>
   <source>Where they may come.</source>
   <translation>Waar ze mogen komen.</translation>
  </message>
  <message>
   <source>Addresses</source>
   <translation>Adressen</translation>
  </message>
  <message>
   <source>People</source>
   <translation>Inwoners</translation>
  </message>
  <message>
   <source>People of 65 and over</source>
   <translation>65-plussers</translation>
  </message>
  <message>
   <source>Reach most</source>
   <translation>De meesten bereiken</translation>
  </message>
  <message>
   <source>Walk least</source>
   <translation>Het minst lopen</translation>
  </message>
  <message>
   <source>As few as possible</source>
   <translation>Zo weinig mogelijk</translation>
  </message>
  <message>
   <source>Cells along the streets</source>
   <translation>Cellen langs de straten</translation>
  </message>
  <message>
   <source>Facility class</source>
   <translation>Klasse van de voorziening</translation>
  </message>
  <message>
   <source>Of which class there are to be more.</source>
   <translation>Van welke klasse er meer komen.</translation>
  </message>
  <message>
   <source>How many</source>
   <translation>Hoeveel</translation>
  </message>
  <message>
   <source>How many are added; fewer where more would reach nobody.</source>
   <translation>Hoeveel erbij komen; minder als er met meer niemand extra wordt bereikt.</translation>
  </message>
  <message>
   <source>Within (m)</source>
   <translation>Binnen (m)</translation>
  </message>
  <message>
   <source>Within which walk people are reached. Empty: as the study says.</source>
   <translation>Binnen welke loopafstand mensen worden bereikt. Leeg: zoals de studie zegt.</translation>
  </message>
  <message>
   <source>Who counts</source>
   <translation>Wie telt</translation>
  </message>
  <message>
   <source>Whose reach is counted.</source>
   <translation>Voor wie het bereik wordt geteld.</translation>
  </message>
  <message>
   <source>Side of a cell (m)</source>
   <translation>Zijde van een cel (m)</translation>
  </message>
  <message>
   <source>Where cells are tried: how large they are.</source>
   <translation>Als cellen worden geprobeerd: hoe groot ze zijn.</translation>
  </message>
  <message>
   <source>What is best</source>
   <translation>Wat het beste is</translation>
  </message>
  <message>
   <source>Reach most people, have the least walked in all, or reach a share with as few as possible.</source>
   <translation>De meeste mensen bereiken, samen het minst laten lopen, of met zo weinig mogelijk een deel bereiken.</translation>
  </message>
  <message>
   <source>Share to reach (0-1)</source>
   <translation>Te bereiken deel (0-1)</translation>
  </message>
  <message>
   <source>With as few as possible: what share must be reached.</source>
   <translation>Bij zo weinig mogelijk: welk deel moet worden bereikt.</translation>
  </message>
  <message>
   <source>Places of a new facility</source>
   <translation>Plaatsen van een nieuwe voorziening</translation>
  </message>
  <message>
   <source>To tell how crowded they become.</source>
   <translation>Om te zeggen hoe vol ze worden.</translation>
  </message>
  <message>
   <source>Look at most (s)</source>
   <translation>Zoek hoogstens (s)</translation>
  </message>
  <message>
   <source>Then the best so far is given, with how far it may be from the best.</source>
   <translation>Daarna komt het beste tot dan toe, met hoe ver dat hoogstens van het beste is.</translation>
  </message>
  <message>
   <source>Leave at most (0-1)</source>
   <translation>Laat hoogstens liggen (0-1)</translation>
  </message>
  <message>
   <source>What share of the gain may be left on the table.</source>
   <translation>Welk deel van de winst mag blijven liggen.</translation>
  </message>
  <message>
   <source>Places for facilities</source>
   <translation>Plekken voor voorzieningen</translation>
  </message>
  <message>
   <source>Distance matrix</source>
   <translation>Afstandsmatrix</translation>
  </message>
  <message>
   <source>The walk from every place to every facility within a limit. One row a pair; what is farther has no row.</source>
   <translation>De loopafstand van elke plek naar elke voorziening binnen een grens. Eén rij per paar; wat verder is heeft geen rij.</translation>
  </message>
  <message>
   <source>Per pair the metres, and the metres where what is not known turns out badly.</source>
   <translation>Per paar de meters, en de meters als het onbekende tegenvalt.</translation>
  </message>
  <message>
   <source>Pairs that are farther apart have no row.</source>
   <translation>Paren die verder uit elkaar liggen hebben geen rij.</translation>
  </message>
  <message>
   <source>Walking distance to facilities</source>
   <translation>Loopafstand tot voorzieningen</translation>
  </message>
  <message>
   <source>For every place, such as an address, the walk to the nearest facility of each class. One row a place and class; a status says why a distance is not known.</source>
   <translation>Voor elke plek, zoals een adres, de looproute naar de dichtstbijzijnde voorziening van elke klasse. Eén rij per plek en klasse; een status zegt waarom een afstand niet bekend is.</translation>
  </message>
  <message>
   <source>The places of departure, with the nearest facility of each class and the metres to it.</source>
   <translation>De vertrekplekken, met per klasse de dichtstbijzijnde voorziening en de meters erheen.</translation>
  </message>
  <message>
   <source>Walking network</source>
   <translation>Looproutenetwerk</translation>
  </message>
  <message>
   <source>Makes the walking network for someone who walks as the profile says, tells what was dropped and why, and keeps it in a file that later steps read at once.</source>
   <translation>Maakt het looproutenetwerk voor wie loopt zoals het profiel zegt, meldt wat is weggelaten en waarom, en bewaart het in een bestand dat volgende stappen meteen lezen.</translation>
  </message>
  <message>
   <source>Network file</source>
   <translation>Netwerkbestand</translation>
  </message>
  <message>
   <source>Choose it as walking network in the other algorithms.</source>
   <translation>Kies dit als looproutenetwerk in de andere bewerkingen.</translation>
  </message>
  <message>
   <source>Who walks</source>
   <translation>Wie loopt er</translation>
  </message>
  <message>
   <source>Walking network as layers</source>
   <translation>Looproutenetwerk als lagen</translation>
  </message>
  <message>
   <source>Lays the walking network out: the streets that are walked, the ways that were dropped and why, the barriers that stop people, and the last legs to doors.
The streets can be edited (draw a path, delete a street, copy one back from what was dropped) and chosen as walking network: lines meet where their vertices coincide. Such a layer knows no directions, squares or private ground, so distances over it may differ where the network has these.</source>
   <translation>Legt het looproutenetwerk open: de straten waarover wordt gelopen, de wegen die zijn weggelaten en waarom, de barrières die mensen tegenhouden, en de laatste meters naar deuren.
De straten zijn te bewerken (teken een pad, verwijder een straat, zet er een terug die was weggelaten) en te kiezen als looproutenetwerk: lijnen sluiten aan waar hun punten samenvallen. Zo'n laag kent geen richtingen, pleinen of eigen terrein, dus de afstanden kunnen anders zijn waar het netwerk die heeft.</translation>
  </message>
  <message>
   <source>Dropped ways</source>
   <translation>Weggelaten wegen</translation>
  </message>
  <message>
   <source>The ways that are closed to who walks, each with the reason; only of an OpenStreetMap file.</source>
   <translation>De wegen die dicht zijn voor wie loopt, elk met de reden; alleen van een OpenStreetMap-bestand.</translation>
  </message>
  <message>
   <source>Last legs to doors</source>
   <translation>Laatste meters naar deuren</translation>
  </message>
  <message>
   <source>Private ground and gates that lead to a door, and are no way through.</source>
   <translation>Eigen terrein en hekken die naar een deur leiden, en geen doorgang zijn.</translation>
  </message>
  <message>
   <source>Barriers</source>
   <translation>Barrières</translation>
  </message>
  <message>
   <source>Where ways are cut, and why.</source>
   <translation>Waar wegen zijn afgesneden, en waarom.</translation>
  </message>
  <message>
   <source>Streets that are walked</source>
   <translation>Straten waarover wordt gelopen</translation>
  </message>
  <message>
   <source>The lines of the network with what is known of each: way, surface, width, whether it hangs loose.</source>
   <translation>De lijnen van het netwerk met wat er van elk bekend is: weg, verharding, breedte, of het een los stuk is.</translation>
  </message>
  <message>
   <source>Hold walks against CBS</source>
   <translation>Loopafstanden naast die van CBS</translation>
  </message>
  <message>
   <source>Holds the walks of a study against the average distances over car roads that CBS publishes, per area and class. A walk that is much shorter or longer than the road is worth a look: a facility that is missing, a path that is not drawn, or figures of another year.</source>
   <translation>Legt de loopafstanden van een studie naast de gemiddelde afstanden over autowegen die CBS publiceert, per gebied en klasse. Een loopafstand die veel korter of langer is dan de weg is het bekijken waard: een voorziening die ontbreekt, een pad dat niet is getekend, of cijfers van een ander jaar.</translation>
  </message>
  <message>
   <source>One row an area and class: both distances, and whether they go together.</source>
   <translation>Per gebied en klasse één rij: beide afstanden, en of zij bij elkaar passen.</translation>
  </message>
  <message>
   <source>Walks and CBS</source>
   <translation>Loopafstanden en CBS</translation>
  </message>
  <message>
   <source>Share homes out over sites</source>
   <translation>Woningen over locaties verdelen</translation>
  </message>
  <message>
   <source>Shares a number of homes out over a study's sites, so that the homes together score most within the bounds. Where that cannot be, it tells which bounds conflict.</source>
   <translation>Verdeelt een aantal woningen over de locaties van een studie, zo dat de woningen samen het hoogst scoren binnen de grenzen. Kan dat niet, dan staat er welke grenzen botsen.</translation>
  </message>
  <message>
   <source>Homes in all</source>
   <translation>Woningen in totaal</translation>
  </message>
  <message>
   <source>How many homes are to be shared out.</source>
   <translation>Hoeveel woningen er te verdelen zijn.</translation>
  </message>
  <message>
   <source>Largest share per wijk (0-1)</source>
   <translation>Grootste deel per wijk (0-1)</translation>
  </message>
  <message>
   <source>At most this share of the homes in one wijk.</source>
   <translation>Hoogstens dit deel van de woningen in één wijk.</translation>
  </message>
  <message>
   <source>Highest balance</source>
   <translation>Hoogste balans</translation>
  </message>
  <message>
   <source>What the balance of vragers and dragers around a site may become at most where homes come.</source>
   <translation>Wat de balans van vragers en dragers rond een locatie hoogstens mag worden waar woningen komen.</translation>
  </message>
  <message>
   <source>By year</source>
   <translation>Uiterlijk in jaar</translation>
  </message>
  <message>
   <source>Only sites whose phase is no later.</source>
   <translation>Alleen locaties met een fase die niet later is.</translation>
  </message>
  <message>
   <source>Woonvorm</source>
   <translation>Woonvorm</translation>
  </message>
  <message>
   <source>Only sites of this woonvorm.</source>
   <translation>Alleen locaties met deze woonvorm.</translation>
  </message>
  <message>
   <source>At least per site</source>
   <translation>Minstens per locatie</translation>
  </message>
  <message>
   <source>At least so many on a site that has no minimum of its own, or none.</source>
   <translation>Minstens zoveel op een locatie zonder eigen minimum, of geen.</translation>
  </message>
  <message>
   <source>Sites without a score too</source>
   <translation>Ook locaties zonder score</translation>
  </message>
  <message>
   <source>Sites of which too little is known take part with the least that their score can be.</source>
   <translation>Locaties waarvan te weinig bekend is doen mee met de laagste score die ze kunnen hebben.</translation>
  </message>
  <message>
   <source>Build or bring: class</source>
   <translation>Bouwen of brengen: klasse</translation>
  </message>
  <message>
   <source>For which class it is told whom moving homes reaches, and whom adding facilities.</source>
   <translation>Voor welke klasse wordt gezegd wie er wordt bereikt door woningen te verplaatsen, en wie door voorzieningen toe te voegen.</translation>
  </message>
  <message>
   <source>Then the best so far is given, with its gap.</source>
   <translation>Daarna komt het beste tot dan toe, met de marge tot het beste.</translation>
  </message>
  <message>
   <source>Build or bring</source>
   <translation>Bouwen of brengen</translation>
  </message>
  <message>
   <source>Whom moving homes reaches, and whom adding facilities.</source>
   <translation>Wie er wordt bereikt door woningen te verplaatsen, en wie door voorzieningen toe te voegen.</translation>
  </message>
  <message>
   <source>Homes per site</source>
   <translation>Woningen per locatie</translation>
  </message>
  <message>
   <source>The sites with their homes, and why a site has none.</source>
   <translation>De locaties met hun woningen, en waarom een locatie er geen heeft.</translation>
  </message>
  <message>
   <source>Own list: file</source>
   <translation>Eigen lijst: bestand</translation>
  </message>
  <message>
   <source>Own list of facilities beside OpenStreetMap</source>
   <translation>Eigen lijst van voorzieningen naast OpenStreetMap</translation>
  </message>
  <message>
   <source>Lays an own list of facilities beside those of OpenStreetMap: what is in both, what moved, and what only one of them has. The table is there to correct by hand, and to use afterwards as own list: save it as csv.</source>
   <translation>Legt een eigen lijst van voorzieningen naast die van OpenStreetMap: wat in beide staat, wat is verplaatst, en wat alleen in een van beide staat. De tabel is er om met de hand te verbeteren, en daarna als eigen lijst te gebruiken: sla haar op als csv.</translation>
  </message>
  <message>
   <source>One row a facility: its status, both names, the metres between them and how old each is.</source>
   <translation>Per voorziening één rij: de status, beide namen, de meters ertussen en hoe oud elk gegeven is.</translation>
  </message>
  <message>
   <source>Own list: or a layer</source>
   <translation>Eigen lijst: of een laag</translation>
  </message>
  <message>
   <source>A csv or Excel file with coordinates or addresses, or a file with points.</source>
   <translation>Een csv of Excel-bestand met coördinaten of adressen, of een bestand met punten.</translation>
  </message>
  <message>
   <source>As the list says</source>
   <translation>Zoals de lijst zegt</translation>
  </message>
  <message>
   <source>Class of the list</source>
   <translation>Klasse van de lijst</translation>
  </message>
  <message>
   <source>Choose either a file or a layer as own list, not both.</source>
   <translation>Kies als eigen lijst een bestand of een laag, niet allebei.</translation>
  </message>
  <message>
   <source>Choose an own list: a file or a layer.</source>
   <translation>Kies een eigen lijst: een bestand of een laag.</translation>
  </message>
  <message>
   <source>Of the places in the list that name none.</source>
   <translation>Van de plekken in de lijst die zelf geen klasse noemen.</translation>
  </message>
  <message>
   <source>Own list and OpenStreetMap</source>
   <translation>Eigen lijst en OpenStreetMap</translation>
  </message>
  <message>
   <source>Instead of a file: a layer of the project, or a table with coordinates or addresses.</source>
   <translation>In plaats van een bestand: een laag van het project, of een tabel met coördinaten of adressen.</translation>
  </message>
  <message>
   <source>Spread over a region</source>
   <translation>Spreiding over een regio</translation>
  </message>
  <message>
   <source>Tells how groups of people are spread over the gemeenten of a region, what each key of division gives every gemeente, and fills in the government's form. A count that was kept secret stays a range.
Report and form (hulpmiddel.xlsx) come in the folder.</source>
   <translation>Zegt hoe groepen mensen over de gemeenten van een regio zijn verspreid, wat elke verdeelsleutel elke gemeente geeft, en vult het formulier van het Rijk in. Een aantal dat geheim is gehouden blijft een bereik.
Het rapport en het formulier (hulpmiddel.xlsx) komen in de map.</translation>
  </message>
  <message>
   <source>The region's file; the paths in it are relative to its own folder.</source>
   <translation>Het bestand van de regio; de paden erin zijn ten opzichte van de eigen map.</translation>
  </message>
  <message>
   <source>Region (region.toml)</source>
   <translation>Regio (region.toml)</translation>
  </message>
  <message>
   <source>Only these gemeenten</source>
   <translation>Alleen deze gemeenten</translation>
  </message>
  <message>
   <source>By name or code, several with a semicolon. Empty: as the region says.</source>
   <translation>Met naam of code, meer met een puntkomma ertussen. Leeg: zoals de regio zegt.</translation>
  </message>
  <message>
   <source>Counts</source>
   <translation>Aantallen</translation>
  </message>
  <message>
   <source>Per gemeente, group and characteristic how many people, as a range.</source>
   <translation>Per gemeente, groep en kenmerk hoeveel personen, als bereik.</translation>
  </message>
  <message>
   <source>Spread</source>
   <translation>Spreiding</translation>
  </message>
  <message>
   <source>How evenly each group is spread.</source>
   <translation>Hoe gelijk elke groep is verspreid.</translation>
  </message>
  <message>
   <source>Maps of the region</source>
   <translation>Kaartjes van de regio</translation>
  </message>
  <message>
   <source>Spread, shortage and what fits, as polygons; each map is a style of the layer. Needs areas in the region's file.</source>
   <translation>Spreiding, tekort en wat past, als vlakken; elk kaartje is een stijl van de laag. Het bestand van de regio moet grenzen noemen.</translation>
  </message>
  <message>
   <source>Keys of division</source>
   <translation>Verdeelsleutels</translation>
  </message>
  <message>
   <source>What each key gives every gemeente.</source>
   <translation>Wat elke sleutel elke gemeente geeft.</translation>
  </message>
  <message>
   <source>Walk with diagnosis</source>
   <translation>Looproute met diagnose</translation>
  </message>
  <message>
   <source>Draws the walk from each place to the nearest facility of each class, and tells what is on it: steps, kerbs, crossings, the steepest part, the longest stretch without a bench, and which share of it is unknown.</source>
   <translation>Tekent de looproute van elke plek naar de dichtstbijzijnde voorziening van elke klasse, en zegt wat men onderweg tegenkomt: treden, stoepranden, oversteken, het steilste stuk, het langste stuk zonder bankje, en welk deel daarvan onbekend is.</translation>
  </message>
  <message>
   <source>One line a place and class, with the metres and what is on the way; a status says why one is missing.</source>
   <translation>Eén lijn per plek en klasse, met de meters en wat er onderweg is; een status zegt waarom er een ontbreekt.</translation>
  </message>
  <message>
   <source>Walks</source>
   <translation>Looproutes</translation>
  </message>
  <message>
   <source>Run a study, with map and report</source>
   <translation>Studie draaien, met kaart en rapport</translation>
  </message>
  <message>
   <source>Does everything a study.toml asks for: walking network, facilities, service areas, areas, and the candidate sites scored and ranked; writes the Folium map and the report, and loads the layers.
No study yet? Try the demo first, or make one with: geowoonzorg init FOLDER.</source>
   <translation>Doet alles wat een study.toml vraagt: looproutenetwerk, voorzieningen, verzorgingsgebieden, buurten, en de kandidaatlocaties gescoord en gerangschikt; schrijft de Folium-kaart en het rapport, en laadt de lagen.
Nog geen studie? Probeer eerst de demo, of maak er een met: geowoonzorg init MAP.</translation>
  </message>
  <message>
   <source>Without this the run refuses a folder that holds other files of the same names.</source>
   <translation>Zonder dit weigert de bewerking een map waarin andere bestanden met dezelfde namen staan.</translation>
  </message>
  <message>
   <source>Replace files no earlier run wrote</source>
   <translation>Ook bestanden vervangen die niet van een eerdere keer zijn</translation>
  </message>
  <message>
   <source>Score candidate sites</source>
   <translation>Kandidaatlocaties scoren</translation>
  </message>
  <message>
   <source>Scores and ranks candidate sites on walking distances, liveability, the balance of vragers and dragers and noise, and shows for every site where its score comes from. What is not given stays unknown, and the score says what share of the weight was known.
The study it runs is kept in the output folder, so that it can be run again without QGIS.</source>
   <translation>Scoort en rangschikt kandidaatlocaties op loopafstanden, leefbaarheid, de balans van vragers en dragers en geluid, en laat per locatie zien waar de score vandaan komt. Wat niet is opgegeven blijft onbekend, en de score zegt welk deel van het gewicht bekend was.
De studie die wordt gedraaid blijft in de uitvoermap staan, zodat zij ook zonder QGIS opnieuw kan worden gedraaid.</translation>
  </message>
  <message>
   <source>Search for places</source>
   <translation>Zoeken naar plekken</translation>
  </message>
  <message>
   <source>Judges every cell of a study's area as if homes came there, and chooses the spots that together score most. What is not known of a place stays unknown, and its score is a range.</source>
   <translation>Beoordeelt elke cel in het gebied van een studie alsof er woningen komen, en kiest de plekken die samen het hoogst scoren. Wat van een plek onbekend is blijft onbekend, en de score is dan een bereik.</translation>
  </message>
  <message>
   <source>The chosen spots, each with its score and every criterion's part in it.</source>
   <translation>De gekozen plekken, elk met de score en het deel van elk criterium daarin.</translation>
  </message>
  <message>
   <source>Suitability</source>
   <translation>Geschiktheid</translation>
  </message>
  <message>
   <source>Each cell is judged at its centre. Empty: as the study says.</source>
   <translation>Elke cel wordt in het midden beoordeeld. Leeg: zoals de studie zegt.</translation>
  </message>
  <message>
   <source>Homes</source>
   <translation>Woningen</translation>
  </message>
  <message>
   <source>How many homes a place is assumed to bring.</source>
   <translation>Hoeveel woningen een plek naar aanname krijgt.</translation>
  </message>
  <message>
   <source>Spots</source>
   <translation>Plekken</translation>
  </message>
  <message>
   <source>How many spots to choose: together they score most.</source>
   <translation>Hoeveel plekken te kiezen: samen scoren ze het hoogst.</translation>
  </message>
  <message>
   <source>Apart (m)</source>
   <translation>Uit elkaar (m)</translation>
  </message>
  <message>
   <source>How far apart spots lie at least, in a straight line.</source>
   <translation>Hoe ver plekken minstens uit elkaar liggen, hemelsbreed.</translation>
  </message>
  <message>
   <source>At most per wijk</source>
   <translation>Hoogstens per wijk</translation>
  </message>
  <message>
   <source>At most so many spots in one wijk.</source>
   <translation>Hoogstens zoveel plekken in één wijk.</translation>
  </message>
  <message>
   <source>Only this ground</source>
   <translation>Alleen deze grond</translation>
  </message>
  <message>
   <source>Layers of areas, or GeoTIFFs of which every value but 0 counts: only this ground is looked at.</source>
   <translation>Lagen met vlakken, of GeoTIFFs waarvan elke waarde behalve 0 telt: alleen deze grond wordt bekeken.</translation>
  </message>
  <message>
   <source>Not this ground</source>
   <translation>Niet deze grond</translation>
  </message>
  <message>
   <source>Layers of areas, or GeoTIFFs of which every value but 0 counts: this ground is not looked at.</source>
   <translation>Lagen met vlakken, of GeoTIFFs waarvan elke waarde behalve 0 telt: deze grond wordt niet bekeken.</translation>
  </message>
  <message>
   <source>Assumed of each place</source>
   <translation>Aangenomen van elke plek</translation>
  </message>
  <message>
   <source>By column of a site, such as: ontmoetingsruimte=ja; what is not assumed is unknown. Several: with a semicolon.</source>
   <translation>Per kolom van een locatie, zoals: ontmoetingsruimte=ja; wat niet is aangenomen is onbekend. Meer: met een puntkomma ertussen.</translation>
  </message>
  <message>
   <source>Least piece of ground (m²)</source>
   <translation>Kleinste stuk grond (m²)</translation>
  </message>
  <message>
   <source>The least piece of allowed ground that a spot is part of, or of a building its plot.</source>
   <translation>Het kleinste stuk toegestane grond waar een plek deel van is, of bij een gebouw het perceel.</translation>
  </message>
  <message>
   <source>Only where there are dragers to spare</source>
   <translation>Alleen waar dragers over zijn</translation>
  </message>
  <message>
   <source>Looks only in areas that have more dragers to vragers than the reference.</source>
   <translation>Kijkt alleen in gebieden die meer dragers per vrager hebben dan de referentie.</translation>
  </message>
  <message>
   <source>Buildings</source>
   <translation>Gebouwen</translation>
  </message>
  <message>
   <source>A layer of buildings, as of the BAG, that are looked at instead of cells.</source>
   <translation>Een laag met gebouwen, zoals uit de BAG, die in plaats van cellen worden bekeken.</translation>
  </message>
  <message>
   <source>Use of the buildings</source>
   <translation>Gebruik van de gebouwen</translation>
  </message>
  <message>
   <source>Only buildings with this use, such as kantoorfunctie.</source>
   <translation>Alleen gebouwen met dit gebruik, zoals kantoorfunctie.</translation>
  </message>
  <message>
   <source>Least floor (m²)</source>
   <translation>Kleinste vloer (m²)</translation>
  </message>
  <message>
   <source>Only buildings with at least so much floor.</source>
   <translation>Alleen gebouwen met minstens zoveel vloer.</translation>
  </message>
  <message>
   <source>Built from (year)</source>
   <translation>Gebouwd vanaf (jaar)</translation>
  </message>
  <message>
   <source>Only buildings of this year or later.</source>
   <translation>Alleen gebouwen uit dit jaar of later.</translation>
  </message>
  <message>
   <source>Built until (year)</source>
   <translation>Gebouwd tot en met (jaar)</translation>
  </message>
  <message>
   <source>Only buildings of this year or earlier.</source>
   <translation>Alleen gebouwen uit dit jaar of eerder.</translation>
  </message>
  <message>
   <source>{output}: choose a file that ends in .tif.</source>
   <translation>{output}: kies een bestand dat eindigt op .tif.</translation>
  </message>
  <message>
   <source>A GeoTIFF with per cell the score, its range, what share is known, and why a cell has no score.</source>
   <translation>Een GeoTIFF met per cel de score, het bereik, welk deel bekend is, en waarom een cel geen score heeft.</translation>
  </message>
  <message>
   <source>Service areas</source>
   <translation>Verzorgingsgebieden</translation>
  </message>
  <message>
   <source>The streets, or the area, within walking distance of each facility, measured exactly along the walking network. Polygons hold every place whose own walk, from door to door, is within the limit.</source>
   <translation>De straten, of het gebied, op loopafstand van elke voorziening, precies gemeten langs het looproutenetwerk. Vlakken bevatten elke plek waarvan de eigen looproute, van deur tot deur, binnen de grens blijft.</translation>
  </message>
  <message>
   <source>One feature a facility and limit; a status says why one has no area.</source>
   <translation>Eén object per voorziening en grens; een status zegt waarom een gebied ontbreekt.</translation>
  </message>
  <message>
   <source>Points or areas. A facility that is an area is reached at its edge.</source>
   <translation>Punten of vlakken. Een voorziening die een vlak is, wordt aan haar rand bereikt.</translation>
  </message>
  <message>
   <source>With several distances: only what each adds, or all that lies within it.</source>
   <translation>Bij meer afstanden: alleen wat elke toevoegt, of alles wat erbinnen ligt.</translation>
  </message>
  <message>
   <source>One area a class, of the places from which the nearest is within the distance; else one a facility.</source>
   <translation>Eén gebied per klasse, van de plekken vanwaar de dichtstbijzijnde binnen de afstand ligt; anders één per voorziening.</translation>
  </message>
  <message>
   <source>Service areas as rings or per class</source>
   <translation>Verzorgingsgebieden in ringen of per klasse</translation>
  </message>
  <message>
   <source>Service areas laid out to be read: as rings of what lies between one walking distance and the next, and with the facilities of each class taken together, so that each place is in one area, that of its nearest facility. Rings and classes are searched as such, not cut out of drawn areas.</source>
   <translation>Verzorgingsgebieden om af te lezen: als ringen van wat tussen de ene loopafstand en de volgende ligt, en met de voorzieningen van elke klasse samengenomen, zodat elke plek in één gebied ligt, dat van de dichtstbijzijnde voorziening. Ringen en klassen worden als zodanig gezocht, niet uit getekende gebieden geknipt.</translation>
  </message>
  <message>
   <source>One feature a facility or class, and limit; a status says why one has no area.</source>
   <translation>Eén object per voorziening of klasse, en afstand; een status zegt waarom er een geen gebied heeft.</translation>
  </message>
  <message>
   <source>Rings: beyond the distance before</source>
   <translation>Ringen: voorbij de afstand ervoor</translation>
  </message>
  <message>
   <source>Whole areas: all within the distance</source>
   <translation>Hele gebieden: alles binnen de afstand</translation>
  </message>
  <message>
   <source>Form</source>
   <translation>Vorm</translation>
  </message>
  <message>
   <source>Take the facilities of each class together</source>
   <translation>Voorzieningen van elke klasse samennemen</translation>
  </message>
  <message>
   <source>Where places join the streets</source>
   <translation>Waar plekken op de straten aansluiten</translation>
  </message>
  <message>
   <source>Shows for every place the points on the walking network from which is measured, and the lines that lead there. A place that joins nowhere has a row without a point, and a status says why: look at it here before you trust its distances.</source>
   <translation>Laat per plek de punten op het looproutenetwerk zien vanwaar wordt gemeten, en de lijnen daarheen. Een plek die nergens aansluit heeft een rij zonder punt, en een status zegt waarom: bekijk dat hier voordat u de afstanden vertrouwt.</translation>
  </message>
  <message>
   <source>Legs to the streets</source>
   <translation>Lijnen naar de straten</translation>
  </message>
  <message>
   <source>The straight line from each place to the street, where it has a length.</source>
   <translation>De rechte lijn van elke plek naar de straat, waar die een lengte heeft.</translation>
  </message>
  <message>
   <source>Points on the streets</source>
   <translation>Punten op de straten</translation>
  </message>
  <message>
   <source>Per place the point or points on the network, the metres to them, and on which way they lie.</source>
   <translation>Per plek het punt of de punten op het netwerk, de meters daarheen, en op welke weg ze liggen.</translation>
  </message>
  <message>
   <source>Places</source>
   <translation>Plekken</translation>
  </message>
  <message>
   <source>Points or areas: addresses, sites or facilities.</source>
   <translation>Punten of vlakken: adressen, locaties of voorzieningen.</translation>
  </message>
  <message>
   <source>Catalogue of open data</source>
   <translation>Catalogus van open data</translation>
  </message>
  <message>
   <source>Lists the open data that geowoonzorg knows: what it is, whose, under which licence, of which years and where.</source>
   <translation>Somt de open data op die geowoonzorg kent: wat het is, van wie, onder welke licentie, van welke jaren en waar.</translation>
  </message>
  <message>
   <source>One row a source.</source>
   <translation>Per bron één rij.</translation>
  </message>
  <message>
   <source>What if</source>
   <translation>Wat als</translation>
  </message>
  <message>
   <source>Tries a change: facilities that open, close or move, a path that is laid, homes that are built. Tells per address and per facility what was and what will be, and which sites get another score.</source>
   <translation>Probeert een verandering: voorzieningen die openen, sluiten of verhuizen, een pad dat wordt aangelegd, woningen die worden gebouwd. Zegt per adres en per voorziening wat er was en wat er komt, en welke locaties een andere score krijgen.</translation>
  </message>
  <message>
   <source>A TOML file with [[open]], [[close]], [[move]], [[path]] and [[homes]]; all of it is one change.</source>
   <translation>Een TOML-bestand met [[open]], [[close]], [[move]], [[path]] en [[homes]]; alles samen is één verandering.</translation>
  </message>
  <message>
   <source>Change (toml)</source>
   <translation>Verandering (toml)</translation>
  </message>
  <message>
   <source>Scores before and after</source>
   <translation>Scores ervoor en erna</translation>
  </message>
  <message>
   <source>Each site's score and rank before and after.</source>
   <translation>De score en rang van elke locatie ervoor en erna.</translation>
  </message>
  <message>
   <source>Gains and losses per facility</source>
   <translation>Winst en verlies per voorziening</translation>
  </message>
  <message>
   <source>Per facility who can walk there, before and after, as ranges where counts are.</source>
   <translation>Per voorziening wie er lopend kan komen, ervoor en erna, als bereik waar de aantallen dat zijn.</translation>
  </message>
  <message>
   <source>Addresses that change</source>
   <translation>Adressen die veranderen</translation>
  </message>
  <message>
   <source>Each address whose walk changes: gained, lost, further or nearer.</source>
   <translation>Elk adres met een andere loopafstand: komt binnen bereik, valt erbuiten, verder of minder ver.</translation>
  </message>
  <message>
   <source>Facilities that change</source>
   <translation>Voorzieningen die veranderen</translation>
  </message>
  <message>
   <source>The facilities that the change touches.</source>
   <translation>De voorzieningen waar de verandering over gaat.</translation>
  </message>
  <message>
   <source>How many within walking distance</source>
   <translation>Hoeveel op loopafstand</translation>
  </message>
  <message>
   <source>Counts what lies within walking distance: the facilities of each class for every place, or the places for every facility. One row a place, class and distance; a status says why a count is not known.
Beside each count stands what is left of it when what is not known of the streets turns out badly.</source>
   <translation>Telt wat er op loopafstand ligt: per plek de voorzieningen van elke klasse, of per voorziening de plekken. Eén rij per plek, klasse en afstand; een status zegt waarom een aantal niet bekend is.
Naast elk aantal staat wat ervan overblijft als het tegenvalt wat niet van de straten bekend is.</translation>
  </message>
  <message>
   <source>The places or facilities, with how many are within reach.</source>
   <translation>De plekken of voorzieningen, met hoeveel er op loopafstand zijn.</translation>
  </message>
  <message>
   <source>Count</source>
   <translation>Tellen</translation>
  </message>
  <message>
   <source>For every place the facilities that it reaches, or for every facility the places from which it is reached.</source>
   <translation>Per plek de voorzieningen die zij bereikt, of per voorziening de plekken vanwaar zij wordt bereikt.</translation>
  </message>
  <message>
   <source>Facilities for every place</source>
   <translation>Voorzieningen per plek</translation>
  </message>
  <message>
   <source>Places for every facility</source>
   <translation>Plekken per voorziening</translation>
  </message>
  <message>
   <source>Id</source>
   <translation>Id</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Naam</translation>
  </message>
  <message>
   <source>Class</source>
   <translation>Klasse</translation>
  </message>
  <message>
   <source>Facility</source>
   <translation>Voorziening</translation>
  </message>
  <message>
   <source>Place of departure</source>
   <translation>Vertrekplek</translation>
  </message>
  <message>
   <source>Site</source>
   <translation>Locatie</translation>
  </message>
  <message>
   <source>OpenStreetMap object</source>
   <translation>OpenStreetMap-object</translation>
  </message>
  <message>
   <source>Last edited</source>
   <translation>Laatst bewerkt</translation>
  </message>
  <message>
   <source>Where one walks to (text, degrees)</source>
   <translation>Waarheen wordt gelopen (tekst, graden)</translation>
  </message>
  <message>
   <source>Walking distance, limit (m)</source>
   <translation>Loopafstand, grens (m)</translation>
  </message>
  <message>
   <source>Metres along streets</source>
   <translation>Lengte langs straten (m)</translation>
  </message>
  <message>
   <source>Metres along streets, cautiously</source>
   <translation>Lengte langs straten, voorzichtig (m)</translation>
  </message>
  <message>
   <source>Share of the metres of which something is not known</source>
   <translation>Deel van de meters waarvan iets onbekend is</translation>
  </message>
  <message>
   <source>Area within reach (m²)</source>
   <translation>Oppervlak binnen bereik (m²)</translation>
  </message>
  <message>
   <source>Walking distance (m)</source>
   <translation>Loopafstand (m)</translation>
  </message>
  <message>
   <source>Walking distance, cautiously (m)</source>
   <translation>Loopafstand, voorzichtig (m)</translation>
  </message>
  <message>
   <source>From door to street (m)</source>
   <translation>Van deur tot straat (m)</translation>
  </message>
  <message>
   <source>From door to street, departure (m)</source>
   <translation>Van deur tot straat, vertrek (m)</translation>
  </message>
  <message>
   <source>Longest stretch without a bench (m)</source>
   <translation>Langste stuk zonder bankje (m)</translation>
  </message>
  <message>
   <source>Flights of steps</source>
   <translation>Trappen</translation>
  </message>
  <message>
   <source>Metres of steps</source>
   <translation>Lengte van de trappen (m)</translation>
  </message>
  <message>
   <source>High kerbs</source>
   <translation>Hoge stoepranden</translation>
  </message>
  <message>
   <source>Kerbs of unknown height</source>
   <translation>Stoepranden van onbekende hoogte</translation>
  </message>
  <message>
   <source>Crossings</source>
   <translation>Oversteken</translation>
  </message>
  <message>
   <source>Steepest slope (%)</source>
   <translation>Steilste helling (%)</translation>
  </message>
  <message>
   <source>Surface unknown, share of the walk</source>
   <translation>Verharding onbekend, deel van de route</translation>
  </message>
  <message>
   <source>Smoothness unknown, share of the walk</source>
   <translation>Vlakheid onbekend, deel van de route</translation>
  </message>
  <message>
   <source>Width unknown, share of the walk</source>
   <translation>Breedte onbekend, deel van de route</translation>
  </message>
  <message>
   <source>Slope unknown, share of the walk</source>
   <translation>Helling onbekend, deel van de route</translation>
  </message>
  <message>
   <source>People of 65 and over within reach</source>
   <translation>65-plussers op loopafstand</translation>
  </message>
  <message>
   <source>People of 65 and over, at least</source>
   <translation>65-plussers, minstens</translation>
  </message>
  <message>
   <source>People of 65 and over, at most</source>
   <translation>65-plussers, hoogstens</translation>
  </message>
  <message>
   <source>Balance before building</source>
   <translation>Balans voor het bouwen</translation>
  </message>
  <message>
   <source>Balance after building</source>
   <translation>Balans na het bouwen</translation>
  </message>
  <message>
   <source>From street to door, facility (m)</source>
   <translation>Van straat tot deur, voorziening (m)</translation>
  </message>
  <message>
   <source>Status</source>
   <translation>Status</translation>
  </message>
  <message>
   <source>Score (0-100)</source>
   <translation>Score (0-100)</translation>
  </message>
  <message>
   <source>Score, at least</source>
   <translation>Score, ten minste</translation>
  </message>
  <message>
   <source>Score, at most</source>
   <translation>Score, ten hoogste</translation>
  </message>
  <message>
   <source>Share of the draws in which it is first</source>
   <translation>Aandeel van de trekkingen waarin zij de eerste is</translation>
  </message>
  <message>
   <source>Share of the draws in which it is among the first three</source>
   <translation>Aandeel van de trekkingen waarin zij bij de eerste drie hoort</translation>
  </message>
  <message>
   <source>Rank</source>
   <translation>Rang</translation>
  </message>
  <message>
   <source>Rank, best</source>
   <translation>Rang, beste</translation>
  </message>
  <message>
   <source>Rank, worst</source>
   <translation>Rang, slechtste</translation>
  </message>
  <message>
   <source>Rank, best, other weights only</source>
   <translation>Rang, hoogste, alleen andere gewichten</translation>
  </message>
  <message>
   <source>Rank, worst, other weights only</source>
   <translation>Rang, laagste, alleen andere gewichten</translation>
  </message>
  <message>
   <source>Rank, best, the unknown only</source>
   <translation>Rang, hoogste, alleen door wat onbekend is</translation>
  </message>
  <message>
   <source>Rank, worst, the unknown only</source>
   <translation>Rang, laagste, alleen door wat onbekend is</translation>
  </message>
  <message>
   <source>Why it may still drop out</source>
   <translation>Waarom de plek nog kan afvallen</translation>
  </message>
  <message>
   <source>Share of the weight that is known</source>
   <translation>Deel van het gewicht dat bekend is</translation>
  </message>
  <message>
   <source>Dropped out</source>
   <translation>Valt af</translation>
  </message>
  <message>
   <source>Reason for dropping out</source>
   <translation>Reden van afvallen</translation>
  </message>
  <message>
   <source>Code</source>
   <translation>Code</translation>
  </message>
  <message>
   <source>Level</source>
   <translation>Niveau</translation>
  </message>
  <message>
   <source>Liveability, deviation from the Netherlands</source>
   <translation>Leefbaarheid, afwijking van Nederland</translation>
  </message>
  <message>
   <source>Liveability: physical surroundings</source>
   <translation>Leefbaarheid: fysieke omgeving</translation>
  </message>
  <message>
   <source>Liveability: nuisance and unsafety (higher is better)</source>
   <translation>Leefbaarheid: overlast en onveiligheid (hoger is beter)</translation>
  </message>
  <message>
   <source>Liveability: social cohesion</source>
   <translation>Leefbaarheid: sociale samenhang</translation>
  </message>
  <message>
   <source>Liveability: services</source>
   <translation>Leefbaarheid: voorzieningen</translation>
  </message>
  <message>
   <source>Liveability: housing stock</source>
   <translation>Leefbaarheid: woningvoorraad</translation>
  </message>
  <message>
   <source>Liveability class (1-9)</source>
   <translation>Leefbaarheidsklasse (1-9)</translation>
  </message>
  <message>
   <source>Vragers index (reference = 1)</source>
   <translation>Vragersindex (referentie = 1)</translation>
  </message>
  <message>
   <source>Dragers index (reference = 1)</source>
   <translation>Dragersindex (referentie = 1)</translation>
  </message>
  <message>
   <source>Vragers index, at least</source>
   <translation>Vragersindex, minstens</translation>
  </message>
  <message>
   <source>Vragers index, at most</source>
   <translation>Vragersindex, hoogstens</translation>
  </message>
  <message>
   <source>Dragers index, at least</source>
   <translation>Dragersindex, minstens</translation>
  </message>
  <message>
   <source>Dragers index, at most</source>
   <translation>Dragersindex, hoogstens</translation>
  </message>
  <message>
   <source>Balance, at least</source>
   <translation>Balans, minstens</translation>
  </message>
  <message>
   <source>Balance, at most</source>
   <translation>Balans, hoogstens</translation>
  </message>
  <message>
   <source>Balance (0 = as its gemeente)</source>
   <translation>Balans (0 = als de eigen gemeente)</translation>
  </message>
  <message>
   <source>Balance (0 = as the region)</source>
   <translation>Balans (0 = als de regio)</translation>
  </message>
  <message>
   <source>Liveability in words</source>
   <translation>Leefbaarheid in woorden</translation>
  </message>
  <message>
   <source>Share of figures carried over from other borders</source>
   <translation>Aandeel van de cijfers omgerekend van andere grenzen</translation>
  </message>
  <message>
   <source>Share of vragers in the building itself</source>
   <translation>Aandeel vragers in het gebouw zelf</translation>
  </message>
  <message>
   <source>Balance in the building itself</source>
   <translation>Balans in het gebouw zelf</translation>
  </message>
  <message>
   <source>Capacity</source>
   <translation>Capaciteit</translation>
  </message>
  <message>
   <source>Balance of vragers and dragers (0 = as the reference)</source>
   <translation>Balans vragers en dragers (0 = als de referentie)</translation>
  </message>
  <message>
   <source>Quadrant of vragers and dragers</source>
   <translation>Kwadrant vragers en dragers</translation>
  </message>
  <message>
   <source>Inhabitants</source>
   <translation>Inwoners</translation>
  </message>
  <message>
   <source>Share of 65 and over</source>
   <translation>Aandeel 65-plus</translation>
  </message>
  <message>
   <source>Criterion</source>
   <translation>Criterium</translation>
  </message>
  <message>
   <source>Measured</source>
   <translation>Gemeten</translation>
  </message>
  <message>
   <source>Unit</source>
   <translation>Eenheid</translation>
  </message>
  <message>
   <source>Value (0-1)</source>
   <translation>Waarde (0-1)</translation>
  </message>
  <message>
   <source>Weight</source>
   <translation>Gewicht</translation>
  </message>
  <message>
   <source>Contribution to the score</source>
   <translation>Bijdrage aan de score</translation>
  </message>
  <message>
   <source>Why unknown</source>
   <translation>Waarom onbekend</translation>
  </message>
  <message>
   <source>Source</source>
   <translation>Bron</translation>
  </message>
  <message>
   <source>Order</source>
   <translation>Volgorde</translation>
  </message>
  <message>
   <source>Newly reached</source>
   <translation>Nieuw bereikt</translation>
  </message>
  <message>
   <source>Reached from here</source>
   <translation>Bereikt vanaf hier</translation>
  </message>
  <message>
   <source>Code of the wijk</source>
   <translation>Wijkcode</translation>
  </message>
  <message>
   <source>Year of the phase</source>
   <translation>Jaar van de fase</translation>
  </message>
  <message>
   <source>What changes</source>
   <translation>Wat verandert</translation>
  </message>
  <message>
   <source>Walking distance before (m)</source>
   <translation>Loopafstand ervoor (m)</translation>
  </message>
  <message>
   <source>Walking distance after (m)</source>
   <translation>Loopafstand erna (m)</translation>
  </message>
  <message>
   <source>Score before</source>
   <translation>Score ervoor</translation>
  </message>
  <message>
   <source>Score after</source>
   <translation>Score erna</translation>
  </message>
  <message>
   <source>Rank before</source>
   <translation>Rang ervoor</translation>
  </message>
  <message>
   <source>Rank after</source>
   <translation>Rang erna</translation>
  </message>
  <message>
   <source>Number within reach</source>
   <translation>Aantal op loopafstand</translation>
  </message>
  <message>
   <source>Number within reach, cautiously</source>
   <translation>Aantal op loopafstand, voorzichtig</translation>
  </message>
  <message>
   <source>Which point</source>
   <translation>Hoeveelste punt</translation>
  </message>
  <message>
   <source>From (m)</source>
   <translation>Vanaf (m)</translation>
  </message>
  <message>
   <source>Why ways are cut here</source>
   <translation>Waarom wegen hier zijn afgesneden</translation>
  </message>
  <message>
   <source>Number of facilities</source>
   <translation>Aantal voorzieningen</translation>
  </message>
  <message>
   <source>Kind of ground</source>
   <translation>Soort grond</translation>
  </message>
  <message>
   <source>Number of homes</source>
   <translation>Aantal woningen</translation>
  </message>
  <message>
   <source>Form of living</source>
   <translation>Woonvorm</translation>
  </message>
  <message>
   <source>Room to meet</source>
   <translation>Ontmoetingsruimte</translation>
  </message>
  <message>
   <source>Owner</source>
   <translation>Eigenaar</translation>
  </message>
  <message>
   <source>Phase of the plan</source>
   <translation>Planfase</translation>
  </message>
  <message>
   <source>Least number of homes</source>
   <translation>Minste aantal woningen</translation>
  </message>
  <message>
   <source>Accessible</source>
   <translation>Toegankelijk</translation>
  </message>
  <message>
   <source>For whom</source>
   <translation>Doelgroep</translation>
  </message>
  <message>
   <source>As of</source>
   <translation>Peildatum</translation>
  </message>
  <message>
   <source>Code of the area</source>
   <translation>Code van het gebied</translation>
  </message>
  <message>
   <source>Street</source>
   <translation>Straat</translation>
  </message>
  <message>
   <source>House number</source>
   <translation>Huisnummer</translation>
  </message>
  <message>
   <source>Town</source>
   <translation>Plaats</translation>
  </message>
  <message>
   <source>Known</source>
   <translation>Bekend</translation>
  </message>
  <message>
   <source>Why not certain</source>
   <translation>Waarom niet zeker</translation>
  </message>
  <message>
   <source>Share that is known</source>
   <translation>Deel dat bekend is</translation>
  </message>
  <message>
   <source>Through data</source>
   <translation>Door gegevens</translation>
  </message>
  <message>
   <source>Through the profile</source>
   <translation>Door het profiel</translation>
  </message>
  <message>
   <source>Through the network</source>
   <translation>Door het netwerk</translation>
  </message>
  <message>
   <source>measured</source>
   <translation>gemeten</translation>
  </message>
  <message>
   <source>measured, at least</source>
   <translation>gemeten, ten minste</translation>
  </message>
  <message>
   <source>measured, at most</source>
   <translation>gemeten, ten hoogste</translation>
  </message>
  <message>
   <source>value (0-1)</source>
   <translation>waarde (0-1)</translation>
  </message>
  <message>
   <source>value, at least</source>
   <translation>waarde, minstens</translation>
  </message>
  <message>
   <source>value, at most</source>
   <translation>waarde, hoogstens</translation>
  </message>
  <message>
   <source>points</source>
   <translation>punten</translation>
  </message>
  <message>
   <source>Walking distance (m): {name}</source>
   <translation>Loopafstand (m): {name}</translation>
  </message>
  <message>
   <source>known</source>
   <translation>bekend</translation>
  </message>
  <message>
   <source>unknown</source>
   <translation>onbekend</translation>
  </message>
  <message>
   <source>only a loose piece of street nearby</source>
   <translation>alleen een los stuk looproute dichtbij</translation>
  </message>
  <message>
   <source>no street near enough</source>
   <translation>geen looproute dichtbij genoeg</translation>
  </message>
  <message>
   <source>too far</source>
   <translation>te ver</translation>
  </message>
  <message>
   <source>is not there</source>
   <translation>is er niet</translation>
  </message>
  <message>
   <source>comes within reach</source>
   <translation>komt binnen bereik</translation>
  </message>
  <message>
   <source>is no longer within reach</source>
   <translation>valt buiten bereik</translation>
  </message>
  <message>
   <source>walks less far</source>
   <translation>loopt minder ver</translation>
  </message>
  <message>
   <source>walks farther</source>
   <translation>loopt verder</translation>
  </message>
  <message>
   <source>in both</source>
   <translation>in beide</translation>
  </message>
  <message>
   <source>more vragers, fewer dragers</source>
   <translation>meer vragers, minder dragers</translation>
  </message>
  <message>
   <source>more vragers, more dragers</source>
   <translation>meer vragers, meer dragers</translation>
  </message>
  <message>
   <source>fewer vragers, fewer dragers</source>
   <translation>minder vragers, minder dragers</translation>
  </message>
  <message>
   <source>fewer vragers, more dragers</source>
   <translation>minder vragers, meer dragers</translation>
  </message>
  <message>
   <source>{python} ({origin}) has no working geowoonzorg engine. It says: {answer}</source>
   <translation>{python} ({origin}) heeft geen werkende geowoonzorg-engine. Hij zegt: {answer}</translation>
  </message>
  <message>
   <source>The engine in {python} ({origin}) is version {version}, this plugin needs {wanted}. Install the one that lies beside the plugin's zip: "{python}" -m pip install "FOLDER/{wheel}", or update the plugin.</source>
   <translation>De engine in {python} ({origin}) is versie {version}, deze plugin heeft {wanted} nodig. Installeer die naast de zip van de plugin ligt: "{python}" -m pip install "MAP/{wheel}", of werk de plugin bij.</translation>
  </message>
  <message>
   <source>The engine ended without saying what came of it; there is no result.</source>
   <translation>De engine is gestopt zonder te zeggen wat eruit kwam; er is geen resultaat.</translation>
  </message>
  <message>
   <source>the setting in QGIS</source>
   <translation>de instelling in QGIS</translation>
  </message>
  <message>
   <source>the plugin's own environment</source>
   <translation>de eigen omgeving van de plugin</translation>
  </message>
  <message>
   <source>The geowoonzorg engine was not found. It lies beside the plugin's zip, as {wheel}. Install it in one of these ways:
1. in QGIS: Settings &gt; Options &gt; Geowoonzorg &gt; Install, with the folder in which zip and wheel lie;
2. in a Python of your own (3.11 or newer): python -m pip install "FOLDER/{wheel}", and choose that Python in Settings &gt; Options &gt; Geowoonzorg, or name it in the variable {variable}.
Do not let pip fetch it by its name alone: what a package index has under that name need not be this engine.</source>
   <translation>De geowoonzorg-engine is niet gevonden. Zij ligt naast de zip van de plugin, als {wheel}. Installeer haar zo:
1. in QGIS: Extra &gt; Opties &gt; Geowoonzorg &gt; Installeren, met de map waarin zip en wheel liggen;
2. in een eigen Python (3.11 of nieuwer): python -m pip install "MAP/{wheel}", en kies die Python in Extra &gt; Opties &gt; Geowoonzorg, of noem hem in de variabele {variable}.
Laat pip haar niet bij haar naam alleen ophalen: wat een pakketindex onder die naam heeft, hoeft deze engine niet te zijn.</translation>
  </message>
  <message>
   <source>{python} ({origin}) does not answer within {seconds:.0f} seconds.</source>
   <translation>{python} ({origin}) antwoordt niet binnen {seconds:.0f} seconden.</translation>
  </message>
  <message>
   <source>{python} ({origin}) cannot be started: {reason}.</source>
   <translation>{python} ({origin}) kan niet worden gestart: {reason}.</translation>
  </message>
  <message>
   <source>Cancelled.</source>
   <translation>Geannuleerd.</translation>
  </message>
  <message>
   <source>The engine closed its output but does not end; it was stopped.</source>
   <translation>De engine sloot haar uitvoer maar stopte niet; zij is beëindigd.</translation>
  </message>
  <message>
   <source>The engine stopped unexpectedly (exit code {code}).</source>
   <translation>De engine is onverwacht gestopt (code {code}).</translation>
  </message>
  <message>
   <source>the variable {name}</source>
   <translation>de variabele {name}</translation>
  </message>
  <message>
   <source>{python} cannot be started: {reason}.</source>
   <translation>{python} kan niet worden gestart: {reason}.</translation>
  </message>
  <message>
   <source>The engine has been silent for a minute. You can wait, or cancel.</source>
   <translation>De engine is al een minuut stil. U kunt wachten, of annuleren.</translation>
  </message>
  <message>
   <source>Its last words:</source>
   <translation>Haar laatste woorden:</translation>
  </message>
  <message>
   <source>{origin} names an interpreter that is not there: {python}.</source>
   <translation>De Python die {origin} noemt is er niet: {python}.</translation>
  </message>
  <message>
   <source>nothing</source>
   <translation>niets</translation>
  </message>
  <message>
   <source>No Python {minimum} or newer that can make an environment was found (looked at: {paths}). Install one (Windows: python.org; Debian and Ubuntu: apt install python3-venv) and try again.</source>
   <translation>Er is geen Python {minimum} of nieuwer gevonden die een omgeving kan maken (bekeken: {paths}). Installeer er een (Windows: python.org; Debian en Ubuntu: apt install python3-venv) en probeer het opnieuw.</translation>
  </message>
  <message>
   <source>The engine lies beside the plugin's zip, as {wheel}. Choose the folder where they lie together; it is not in: {folder}.</source>
   <translation>De engine ligt naast de zip van de plugin, als {wheel}. Kies de map waarin zij samen liggen; niet gevonden in: {folder}.</translation>
  </message>
  <message>
   <source>{wheel} in {folder} is not the engine that was made with this plugin, and was not installed. Take zip and wheel from the same release.</source>
   <translation>{wheel} in {folder} is niet de engine die met deze plugin is gemaakt, en is niet geïnstalleerd. Neem zip en wheel uit dezelfde uitgave.</translation>
  </message>
  <message>
   <source>This plugin runs from its sources, so no engine was made with it. Make both with: python qgis_plugin/build.py, and install the zip; or choose a Python that has the engine.</source>
   <translation>Deze plugin draait uit de broncode, dus er is geen engine mee gemaakt. Maak beide met: python qgis_plugin/build.py, en installeer de zip; of kies een Python waarin de engine staat.</translation>
  </message>
  <message>
   <source>Trying the engine</source>
   <translation>De engine proberen</translation>
  </message>
  <message>
   <source>The environment could not be made in {folder}: {reason}.</source>
   <translation>De omgeving kon niet worden gemaakt in {folder}: {reason}.</translation>
  </message>
  <message>
   <source>The engine, version {version}, is ready.</source>
   <translation>De engine, versie {version}, is klaar voor gebruik.</translation>
  </message>
  <message>
   <source>Making an environment in {folder}</source>
   <translation>Omgeving maken in {folder}</translation>
  </message>
  <message>
   <source>A step of the installation failed: {command}
{reason}</source>
   <translation>Een stap van de installatie is mislukt: {command}
{reason}</translation>
  </message>
  <message>
   <source>to</source>
   <translation>tot</translation>
  </message>
  <message>
   <source>Liveability</source>
   <translation>Leefbaarheid</translation>
  </message>
  <message>
   <source>people</source>
   <translation>mensen</translation>
  </message>
  <message>
   <source>living on their own</source>
   <translation>zelfstandig wonend</translation>
  </message>
  <message>
   <source>severe mobility limits</source>
   <translation>ernstig beperkt in bewegen</translation>
  </message>
  <message>
   <source>places</source>
   <translation>plaatsen</translation>
  </message>
  <message>
   <source>homes</source>
   <translation>woningen</translation>
  </message>
  <message>
   <source>Does it fit</source>
   <translation>Past het</translation>
  </message>
  <message>
   <source>unknown or not within reach</source>
   <translation>onbekend of niet binnen bereik</translation>
  </message>
  <message>
   <source>relative to the reference; no norm, and no judgement of persons</source>
   <translation>tegenover de referentie: geen norm, geen oordeel over mensen</translation>
  </message>
  <message>
   <source>All columns</source>
   <translation>Alle kolommen</translation>
  </message>
  <message>
   <source>Score</source>
   <translation>Score</translation>
  </message>
  <message>
   <source>Parts</source>
   <translation>Delen</translation>
  </message>
  <message>
   <source>Reach</source>
   <translation>Bereik</translation>
  </message>
  <message>
   <source>Balance</source>
   <translation>Balans</translation>
  </message>
  <message>
   <source>Area</source>
   <translation>Gebied</translation>
  </message>
  <message>
   <source>Address</source>
   <translation>Adres</translation>
  </message>
  <message>
   <source>Walking distance</source>
   <translation>Loopafstand</translation>
  </message>
  <message>
   <source>Mind</source>
   <translation>Let op</translation>
  </message>
  <message>
   <source>What is unknown</source>
   <translation>Wat onbekend is</translation>
  </message>
  <message>
   <source>Walk</source>
   <translation>Looproute</translation>
  </message>
  <message>
   <source>On the way</source>
   <translation>Onderweg</translation>
  </message>
  <message>
   <source>Place</source>
   <translation>Plek</translation>
  </message>
  <message>
   <source>drops out</source>
   <translation>valt af</translation>
  </message>
  <message>
   <source>Hash of the profile</source>
   <translation>Hash van het profiel</translation>
  </message>
  <message>
   <source>Made on</source>
   <translation>Gemaakt op</translation>
  </message>
  <message>
   <source>no reason</source>
   <translation>geen reden</translation>
  </message>
  <message>
   <source>{points} points</source>
   <translation>{points} punten</translation>
  </message>
  <message>
   <source>as it was not told</source>
   <translation>want niet opgegeven</translation>
  </message>
  <message>
   <source>{layer}: of an OpenStreetMap file all is read, so a filter or join in QGIS would do nothing. Take it away, or save the lines as a layer of their own.</source>
   <translation>{layer}: van een OpenStreetMap-bestand wordt alles gelezen, dus een filter of koppeling in QGIS zou niets doen. Haal die weg, of sla de lijnen op als eigen laag.</translation>
  </message>
  <message>
   <source>{layer} comes without its wijken and gemeenten, so the balance compares with the areas that are in it, and nothing stands in for what is missing. Give layers of wijken and gemeenten under {figures} to have both.</source>
   <translation>{layer} komt zonder de wijken en gemeenten, dus de balans vergelijkt met de gebieden die erin staan, en niets vervangt wat ontbreekt. Geef lagen met wijken en gemeenten op bij {figures} om beide te hebben.</translation>
  </message>
  <message>
   <source>{parameter}: a layer could not be opened.</source>
   <translation>{parameter}: een laag kon niet worden geopend.</translation>
  </message>
  <message>
   <source>{parameter}: {path} is not there.</source>
   <translation>{parameter}: {path} is er niet.</translation>
  </message>
  <message>
   <source>{layer}: read from {file}, which knows more of the streets</source>
   <translation>{layer}: gelezen uit {file}, dat meer weet van de straten</translation>
  </message>
  <message>
   <source>{parameter}: choose a layer or a file.</source>
   <translation>{parameter}: kies een laag of een bestand.</translation>
  </message>
  <message>
   <source>What to run</source>
   <translation>Wat wordt berekend</translation>
  </message>
  <message>
   <source>Put back</source>
   <translation>Terugzetten</translation>
  </message>
  <message>
   <source>Weights of the profile</source>
   <translation>Gewichten van het profiel</translation>
  </message>
  <message>
   <source>other</source>
   <translation>andere</translation>
  </message>
  <message>
   <source>The scores differ, whatever is still unknown.</source>
   <translation>De scores verschillen, wat er ook nog onbekend is.</translation>
  </message>
  <message>
   <source>The ranges of the scores overlap: what is still unknown can turn the difference around.</source>
   <translation>De bandbreedtes van de scores overlappen: wat nog onbekend is kan het verschil omdraaien.</translation>
  </message>
  <message>
   <source>Interval</source>
   <translation>Bandbreedte</translation>
  </message>
  <message>
   <source>Possible</source>
   <translation>Mogelijk</translation>
  </message>
  <message>
   <source>What {run} has more than {other}; bold: the scores differ whatever is still unknown</source>
   <translation>Wat {run} meer heeft dan {other}; vet: de scores verschillen, wat er ook nog onbekend is</translation>
  </message>
  <message>
   <source>Only in {run}</source>
   <translation>Alleen in {run}</translation>
  </message>
  <message>
   <source>As the runs were written, under the profile of each: {run} beside {other}.</source>
   <translation>Zoals de uitkomsten zijn geschreven, elk met het eigen profiel: {run} naast {other}.</translation>
  </message>
  <message>
   <source>Saved: {path}
In a study.toml: [scoring] profile = "{name}"; in the toolbox: Scoring profile, own file.</source>
   <translation>Opgeslagen: {path}
In een study.toml: [scoring] profile = "{name}"; in de gereedschapskist: Scoringsprofiel, eigen bestand.</translation>
  </message>
  <message>
   <source>The project was changed during the run. Its results are in {folder}: add result.gpkg from there.</source>
   <translation>Het project is tijdens het rekenen gewisseld. De resultaten staan in {folder}: voeg result.gpkg daaruit toe.</translation>
  </message>
  <message>
   <source>The styles could not be written into {file}; they are in the project only. {reason}</source>
   <translation>De stijlen konden niet in {file} worden geschreven; ze staan alleen in het project. {reason}</translation>
  </message>
  <message>
   <source>Not there any more: {files}. Bring them back, or right-click a layer &gt; Change Data Source.</source>
   <translation>Niet meer gevonden: {files}. Zet ze terug, of kies met de rechtermuisknop op een laag: Gegevensbron wijzigen.</translation>
  </message>
  <message>
   <source>The project is saved, but an outcome in it is in a temporary folder; click Keep it… before QGIS closes.</source>
   <translation>Het project is opgeslagen, maar een uitkomst staat in een tijdelijke map; klik op Bewaren… voordat QGIS sluit.</translation>
  </message>
  <message>
   <source>Click a site to take its score apart.</source>
   <translation>Klik op een locatie om de score uit elkaar te halen.</translation>
  </message>
  <message>
   <source>Save as a scoring profile…</source>
   <translation>Opslaan als scoringsprofiel…</translation>
  </message>
  <message>
   <source>{place} cannot be written to ({reason}), so the results go to a temporary folder. Choose another folder at Results in, or click Keep it… when the run is done.</source>
   <translation>In {place} kan niet worden geschreven ({reason}), dus gaan de resultaten naar een tijdelijke map. Kies een andere map bij Resultaten in, of klik op Bewaren… als het rekenen klaar is.</translation>
  </message>
  <message>
   <source>The outcome lies in a temporary folder and is gone when QGIS closes; Keep it… puts it elsewhere.</source>
   <translation>De uitkomst staat in een tijdelijke map en verdwijnt als QGIS sluit; met Bewaren… gaat zij naar een andere map.</translation>
  </message>
  <message>
   <source>The two runs have different profiles or weights: their scores are not of one scale.</source>
   <translation>De twee uitkomsten hebben een ander profiel of andere gewichten: hun scores zijn niet van één schaal.</translation>
  </message>
  <message>
   <source>{name}: dropped out, {reason}</source>
   <translation>{name}: valt af, {reason}</translation>
  </message>
  <message>
   <source>{name}: where its score comes from</source>
   <translation>{name}: waar de score vandaan komt</translation>
  </message>
  <message>
   <source>Keep it…</source>
   <translation>Bewaren…</translation>
  </message>
  <message>
   <source>{place} cannot be written to ({reason}); choose another folder. Nothing was lost.</source>
   <translation>In {place} kan niet worden geschreven ({reason}); kies een andere map. Er is niets verloren.</translation>
  </message>
  <message>
   <source>The layer of sites is no longer in the project.</source>
   <translation>De laag met locaties staat niet meer in het project.</translation>
  </message>
  <message>
   <source>Kept in {folder}. Save the project, too.</source>
   <translation>Bewaard in {folder}. Sla ook het project op.</translation>
  </message>
  <message>
   <source>{folder} has no result with sites.</source>
   <translation>{folder} heeft geen resultaat met locaties.</translation>
  </message>
  <message>
   <source>More choices</source>
   <translation>Meer keuzes</translation>
  </message>
  <message>
   <source>Map and report show the weights of the profile, not those moved here. For these: Weights &gt; Run with them.</source>
   <translation>Kaart en rapport tonen de gewichten van het profiel, niet die hier zijn verschoven. Voor deze: Gewichten &gt; Hiermee rekenen.</translation>
  </message>
  <message>
   <source>Files</source>
   <translation>Bestanden</translation>
  </message>
  <message>
   <source>Save the scores (csv)…</source>
   <translation>Scores opslaan (csv)…</translation>
  </message>
  <message>
   <source>Save the results (GeoPackage)…</source>
   <translation>Resultaten opslaan (GeoPackage)…</translation>
  </message>
  <message>
   <source>Open the folder</source>
   <translation>De map openen</translation>
  </message>
  <message>
   <source>Weights</source>
   <translation>Gewichten</translation>
  </message>
  <message>
   <source>Keep the weights that were moved</source>
   <translation>De verschoven gewichten bewaren</translation>
  </message>
  <message>
   <source>Run with them: map, report and layer</source>
   <translation>Hiermee rekenen: kaart, rapport en laag</translation>
  </message>
  <message>
   <source>Write the ranks into the layer</source>
   <translation>Rangen in de laag schrijven</translation>
  </message>
  <message>
   <source>Save as…</source>
   <translation>Opslaan als…</translation>
  </message>
  <message>
   <source>Map</source>
   <translation>Kaart</translation>
  </message>
  <message>
   <source>Report</source>
   <translation>Rapport</translation>
  </message>
  <message>
   <source>Open in the browser</source>
   <translation>Openen in de browser</translation>
  </message>
  <message>
   <source>Saved: {path}</source>
   <translation>Opgeslagen: {path}</translation>
  </message>
  <message>
   <source>The disk says: {reason}</source>
   <translation>De schijf meldt: {reason}</translation>
  </message>
  <message>
   <source>A study.toml; empty: the demo</source>
   <translation>Een study.toml; leeg: de demo</translation>
  </message>
  <message>
   <source>Study</source>
   <translation>Studie</translation>
  </message>
  <message>
   <source>Layers</source>
   <translation>Lagen</translation>
  </message>
  <message>
   <source>Each run gets a folder of its own in there, named after its time.</source>
   <translation>Elke uitkomst krijgt daarin een eigen map, met de tijd als naam.</translation>
  </message>
  <message>
   <source>Results in</source>
   <translation>Resultaten in</translation>
  </message>
  <message>
   <source>Empty: a temporary folder</source>
   <translation>Leeg: een tijdelijke map</translation>
  </message>
  <message>
   <source>Remove the plugin's own environment ({folder}) and its settings?</source>
   <translation>De eigen omgeving van de plugin ({folder}) en haar instellingen verwijderen?</translation>
  </message>
  <message>
   <source>Language (after a restart)</source>
   <translation>Taal / Language (na herstarten)</translation>
  </message>
  <message>
   <source>Engine</source>
   <translation>Engine</translation>
  </message>
  <message>
   <source>The computing is done beside QGIS, in a Python of its own, so that nothing in QGIS or in other plugins changes.</source>
   <translation>Het rekenwerk gebeurt naast QGIS, in een eigen Python, zodat er in QGIS of in andere plugins niets verandert.</translation>
  </message>
  <message>
   <source>Python with the geowoonzorg engine</source>
   <translation>Python met de geowoonzorg-engine</translation>
  </message>
  <message>
   <source>Empty: the plugin's own environment below</source>
   <translation>Leeg: de eigen omgeving van de plugin, hieronder</translation>
  </message>
  <message>
   <source>Python of one's own</source>
   <translation>Eigen Python</translation>
  </message>
  <message>
   <source>The engine lies beside the plugin's zip. What it needs is fetched as pip is set up, each file checked by its hash; or, without the internet, from the same folder, if its wheels lie there too.</source>
   <translation>De engine ligt naast de zip van de plugin. Wat zij nodig heeft wordt opgehaald zoals pip is ingesteld, elk bestand gecontroleerd op zijn hash; of, zonder internet, uit dezelfde map, als die wheels daar ook liggen.</translation>
  </message>
  <message>
   <source>Folder of the plugin's zip</source>
   <translation>Map van de zip van de plugin</translation>
  </message>
  <message>
   <source>Remove all</source>
   <translation>Alles verwijderen</translation>
  </message>
  <message>
   <source>Check</source>
   <translation>Controleren</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Annuleren</translation>
  </message>
  <message>
   <source>Own environment: ready, in {folder} ({size:.0f} MB).</source>
   <translation>Eigen omgeving: klaar, in {folder} ({size:.0f} MB).</translation>
  </message>
  <message>
   <source>Checking the engine</source>
   <translation>Engine controleren</translation>
  </message>
  <message>
   <source>Installing the engine</source>
   <translation>Engine installeren</translation>
  </message>
  <message>
   <source>Repair</source>
   <translation>Herstellen</translation>
  </message>
  <message>
   <source>Own environment: none yet. Install makes one in {folder} (about 800 MB).</source>
   <translation>Eigen omgeving: nog geen. Installeren maakt er een in {folder} (ongeveer 800 MB).</translation>
  </message>
  <message>
   <source>Removed.</source>
   <translation>Verwijderd.</translation>
  </message>
  <message>
   <source>The folder with {wheel}</source>
   <translation>De map met {wheel}</translation>
  </message>
  <message>
   <source>Install</source>
   <translation>Installeren</translation>
  </message>
  <message>
   <source>Own environment: broken, in {folder}. Repair makes it anew.</source>
   <translation>Eigen omgeving: stuk, in {folder}. Herstellen maakt haar opnieuw.</translation>
  </message>
  <message>
   <source>Sites or spots of another run, such as those of a search, put into this ranking.</source>
   <translation>Locaties of plekken van een andere uitkomst, zoals die van Zoeken naar plekken, in deze rangorde gezet.</translation>
  </message>
  <message>
   <source>This outcome lies in a temporary folder and is gone when QGIS closes.</source>
   <translation>Deze uitkomst staat in een tijdelijke map en verdwijnt als QGIS sluit.</translation>
  </message>
  <message>
   <source>This outcome is in the memory of QGIS only: save its layers to keep it.</source>
   <translation>Deze uitkomst staat alleen in het geheugen van QGIS: sla haar lagen op om haar te bewaren.</translation>
  </message>
  <message>
   <source>Outcome</source>
   <translation>Uitkomst</translation>
  </message>
  <message>
   <source>Together with</source>
   <translation>Samen met</translation>
  </message>
  <message>
   <source>Run</source>
   <translation>Rekenen</translation>
  </message>
  <message>
   <source>Running…</source>
   <translation>Bezig…</translation>
  </message>
  <message>
   <source>Step {number}: {text}</source>
   <translation>Stap {number}: {text}</translation>
  </message>
  <message>
   <source>The run failed.</source>
   <translation>De bewerking is mislukt.</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>Waarde</translation>
  </message>
  <message>
   <source>Points</source>
   <translation>Punten</translation>
  </message>
  <message>
   <source>Interval
(profile)</source>
   <translation>Bandbreedte
(profiel)</translation>
  </message>
  <message>
   <source>Known: {share:.0f} % of the weight</source>
   <translation>Bekend: {share:.0f} % van het gewicht</translation>
  </message>
  <message>
   <source>Too little for a score; what is unknown leaves this range open.</source>
   <translation>Te weinig voor een score; wat onbekend is laat dit bereik open.</translation>
  </message>
  <message>
   <source>1 is the best under the weights below</source>
   <translation>1 is de beste bij de gewichten hieronder</translation>
  </message>
  <message>
   <source>0-100, over what is known</source>
   <translation>0-100, over wat bekend is</translation>
  </message>
  <message>
   <source>Places won or lost against the weights of the profile</source>
   <translation>Plaatsen gewonnen of verloren ten opzichte van de gewichten van het profiel</translation>
  </message>
  <message>
   <source>Best and worst rank in 90 % of the drawn weights, around those of the profile; not around weights moved here</source>
   <translation>Beste en slechtste rang in 90 % van de getrokken gewichten, rond die van het profiel; niet rond gewichten die hier zijn verschoven</translation>
  </message>
  <message>
   <source>Between which scores it can still land when what is unknown becomes known</source>
   <translation>Tussen welke scores de locatie nog kan uitkomen als bekend wordt wat nu onbekend is</translation>
  </message>
  <message>
   <source>Of which share of the weight the answer is known</source>
   <translation>Van welk deel van het gewicht het antwoord bekend is</translation>
  </message>
  <message>
   <source>Dropped out: {reason}</source>
   <translation>Valt af: {reason}</translation>
  </message>
  <message>
   <source>none</source>
   <translation>geen</translation>
  </message>
  <message>
   <source>It may still drop out: {reason}</source>
   <translation>Kan nog afvallen: {reason}</translation>
  </message>
  <message>
   <source>dropped out</source>
   <translation>valt af</translation>
  </message>
  <message>
   <source>Geowoonzorg: try on the map</source>
   <translation>Geowoonzorg: uitproberen op de kaart</translation>
  </message>
  <message>
   <source>Panel: what is tried, who gains and who loses</source>
   <translation>Paneel: wat er wordt geprobeerd, wie wint en wie verliest</translation>
  </message>
  <message>
   <source>Walk: click where someone sets out</source>
   <translation>Looproute: klik waar iemand vertrekt</translation>
  </message>
  <message>
   <source>Service area: click a place or a facility</source>
   <translation>Verzorgingsgebied: klik op een plek of een voorziening</translation>
  </message>
  <message>
   <source>Open a facility: click where</source>
   <translation>Voorziening openen: klik waar</translation>
  </message>
  <message>
   <source>Close a facility: click it</source>
   <translation>Voorziening sluiten: klik erop</translation>
  </message>
  <message>
   <source>Move a facility: click it, then where it goes</source>
   <translation>Voorziening verplaatsen: klik erop, dan waar zij heen gaat</translation>
  </message>
  <message>
   <source>Lay a path: click along it, end with the right button</source>
   <translation>Pad aanleggen: klik erlangs, sluit af met de rechterknop</translation>
  </message>
  <message>
   <source>Cut streets: click a line across them, end with the right button</source>
   <translation>Straten afsluiten: klik er een lijn overheen, sluit af met de rechterknop</translation>
  </message>
  <message>
   <source>Paved footpath</source>
   <translation>Verhard voetpad</translation>
  </message>
  <message>
   <source>Footpath of which nothing is known</source>
   <translation>Voetpad waarvan niets bekend is</translation>
  </message>
  <message>
   <source>What opens</source>
   <translation>Wat opent</translation>
  </message>
  <message>
   <source>What is laid</source>
   <translation>Wat wordt aangelegd</translation>
  </message>
  <message>
   <source>Judge the study's sites too</source>
   <translation>Ook de locaties van de studie beoordelen</translation>
  </message>
  <message>
   <source>Keep the layers of earlier answers</source>
   <translation>Lagen van eerdere antwoorden laten staan</translation>
  </message>
  <message>
   <source>All of this together is tried</source>
   <translation>Dit alles samen wordt geprobeerd</translation>
  </message>
  <message>
   <source>Remove</source>
   <translation>Weghalen</translation>
  </message>
  <message>
   <source>Begin anew</source>
   <translation>Opnieuw beginnen</translation>
  </message>
  <message>
   <source>Stop the engine</source>
   <translation>Engine stoppen</translation>
  </message>
  <message>
   <source>Stopped; your next click starts the engine again.</source>
   <translation>Gestopt; de volgende klik start de engine weer.</translation>
  </message>
  <message>
   <source>The nearest walk to each class.</source>
   <translation>De kortste looproute naar elke soort voorziening.</translation>
  </message>
  <message>
   <source>The engine is starting…</source>
   <translation>De engine start…</translation>
  </message>
  <message>
   <source>Choose a study (study.toml) in the panel first.</source>
   <translation>Kies eerst in het paneel een studie (study.toml).</translation>
  </message>
  <message>
   <source>Facilities (study)</source>
   <translation>Voorzieningen (studie)</translation>
  </message>
  <message>
   <source>There is no facility of the study here; click on one of its dots.</source>
   <translation>Hier is geen voorziening van de studie; klik op een van de stippen.</translation>
  </message>
  <message>
   <source>Nearest walks</source>
   <translation>Kortste looproutes</translation>
  </message>
  <message>
   <source>Service area</source>
   <translation>Verzorgingsgebied</translation>
  </message>
  <message>
   <source>The service area is on the map.</source>
   <translation>Het verzorgingsgebied staat op de kaart.</translation>
  </message>
  <message>
   <source>No street is near enough to this place.</source>
   <translation>Er is geen straat dicht genoeg bij deze plek.</translation>
  </message>
  <message>
   <source>Reading the study, once: {what}</source>
   <translation>De studie wordt eenmalig gelezen: {what}</translation>
  </message>
  <message>
   <source>{what}: now click where it goes.</source>
   <translation>{what}: klik nu waar de voorziening heen gaat.</translation>
  </message>
  <message>
   <source>Cut: the streets that the line crosses</source>
   <translation>Afgesloten: de straten die de lijn kruist</translation>
  </message>
  <message>
   <source>Moves: {what}</source>
   <translation>Verplaatst: {what}</translation>
  </message>
  <message>
   <source>Laid: {what}</source>
   <translation>Aangelegd: {what}</translation>
  </message>
  <message>
   <source>{count} more addresses change than the layer shows.</source>
   <translation>Er veranderen nog {count} adressen die niet in de laag staan.</translation>
  </message>
  <message>
   <source>Opens: {what}</source>
   <translation>Opent: {what}</translation>
  </message>
  <message>
   <source>Closes: {what}</source>
   <translation>Sluit: {what}</translation>
  </message>
  <message>
   <source>The map has no coordinate reference system; choose one for the project first.</source>
   <translation>De kaart heeft geen coördinatenstelsel; kies er eerst een voor het project.</translation>
  </message>
  <message>
   <source>This place cannot be brought from {map} to {study}.</source>
   <translation>Deze plek kan niet van {map} naar {study} worden omgezet.</translation>
  </message>
  <message>
   <source>{layer}: QGIS did not take every feature.</source>
   <translation>{layer}: QGIS heeft niet elk object overgenomen.</translation>
  </message>
  <message>
   <source>Gained and lost</source>
   <translation>Winst en verlies</translation>
  </message>
  <message>
   <source>Sites</source>
   <translation>Locaties</translation>
  </message>
  <message>
   <source>Gained: addresses</source>
   <translation>Erbij: adressen</translation>
  </message>
  <message>
   <source>Lost: addresses</source>
   <translation>Eraf: adressen</translation>
  </message>
  <message>
   <source>Gained: people</source>
   <translation>Erbij: inwoners</translation>
  </message>
  <message>
   <source>Lost: people</source>
   <translation>Eraf: inwoners</translation>
  </message>
  <message>
   <source>Gained: 65+</source>
   <translation>Erbij: 65+</translation>
  </message>
  <message>
   <source>Lost: 65+</source>
   <translation>Eraf: 65+</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Toestand</translation>
  </message>
  <message>
   <source>Within reach</source>
   <translation>Binnen bereik</translation>
  </message>
  <message>
   <source>65+</source>
   <translation>65+</translation>
  </message>
  <message>
   <source>By</source>
   <translation>Door</translation>
  </message>
  <message>
   <source>Metres</source>
   <translation>Meter</translation>
  </message>
  <message>
   <source>Cautiously</source>
   <translation>Voorzichtig</translation>
  </message>
  <message>
   <source>opens</source>
   <translation>opent</translation>
  </message>
  <message>
   <source>closes</source>
   <translation>sluit</translation>
  </message>
  <message>
   <source>moves</source>
   <translation>verplaatst</translation>
  </message>
  <message>
   <source>stays</source>
   <translation>blijft</translation>
  </message>
  <message>
   <source>not to be reached</source>
   <translation>niet te bereiken</translation>
  </message>
  <message>
   <source>Input</source>
   <translation>Invoer</translation>
  </message>
  <message>
   <source>Output</source>
   <translation>Uitvoer</translation>
  </message>
  <message>
   <source>Written into {layer}: {rank} and {score}.</source>
   <translation>In {layer} geschreven: {rank} en {score}.</translation>
  </message>
  <message>
   <source>This run did not write down its whole profile; run it again first.</source>
   <translation>Deze berekening heeft haar profiel niet geheel opgeschreven; reken eerst opnieuw.</translation>
  </message>
  <message>
   <source>All weights are 0, so there is nothing to keep.</source>
   <translation>Alle gewichten staan op 0: er is niets te bewaren.</translation>
  </message>
  <message>
   <source>Rank under own weights</source>
   <translation>Rang met eigen gewichten</translation>
  </message>
  <message>
   <source>Score under own weights</source>
   <translation>Score met eigen gewichten</translation>
  </message>
  <message>
   <source>{profile}, own weights</source>
   <translation>{profile}, eigen gewichten</translation>
  </message>
  <message>
   <source>{description} Weights moved in QGIS, starting from {profile}.</source>
   <translation>{description} Gewichten verschoven in QGIS, uitgaande van {profile}.</translation>
  </message>
  <message>
   <source>weight moved in QGIS from {old} to {new}</source>
   <translation>gewicht verschoven in QGIS van {old} naar {new}</translation>
  </message>
  <message>
   <source>The columns could not be added.</source>
   <translation>De kolommen konden niet worden toegevoegd.</translation>
  </message>
  <message>
   <source>The columns could not be filled.</source>
   <translation>De kolommen konden niet worden gevuld.</translation>
  </message>
  <message>
   <source>{layer} cannot be written to now: it is being edited, or is read only.</source>
   <translation>In {layer} kan nu niet worden geschreven: zij wordt bewerkt, of is alleen te lezen.</translation>
  </message>
  <message>
   <source>{output}: {file} holds other layers ({layers}), which would be lost. Choose another file, or Save to GeoPackage to add a layer to it.</source>
   <translation>{output}: in {file} staan andere lagen ({layers}), die verloren zouden gaan. Kies een ander bestand, of Opslaan in GeoPackage om er een laag bij te zetten.</translation>
  </message>
  <message>
   <source>{layer}: of a kind that cannot go to the engine, and left out: {fields}</source>
   <translation>{layer}: van een soort die niet naar de engine kan, en weggelaten: {fields}</translation>
  </message>
  <message>
   <source>{layer} has no coordinate reference system, so its metres are unknown. Set it: right-click the layer &gt; Layer CRS &gt; Set Layer CRS (Dutch data is mostly EPSG:28992).</source>
   <translation>{layer} heeft geen coördinatenstelsel, dus de meters zijn onbekend. Stel het in: rechtsklik op de laag &gt; Laag-CRS &gt; CRS voor laag instellen (Nederlandse data is meestal EPSG:28992).</translation>
  </message>
  <message>
   <source>{layer} has no features. Is a filter or an empty selection in the way?</source>
   <translation>{layer} heeft geen objecten. Zit er een filter of een lege selectie in de weg?</translation>
  </message>
  <message>
   <source>{layer} has no field {field}. It has: {fields}.</source>
   <translation>{layer} heeft geen veld {field}. Wel: {fields}.</translation>
  </message>
  <message>
   <source>{layer}: feature {id} could not be handed over: {reason}</source>
   <translation>{layer}: object {id} kon niet worden overgedragen: {reason}</translation>
  </message>
  <message>
   <source>{layer} has no geometry: its rows lie nowhere. Choose a layer with points, lines or areas.</source>
   <translation>{layer} heeft geen geometrie: de rijen liggen nergens. Kies een laag met punten, lijnen of vlakken.</translation>
  </message>
  <message>
   <source>{layer}: {count} features handed over</source>
   <translation>{layer}: {count} objecten overgedragen</translation>
  </message>
  <message>
   <source>{output}: {file} is also an input; choose another file.</source>
   <translation>{output}: {file} is ook een invoer; kies een ander bestand.</translation>
  </message>
  <message>
   <source>{layer} could not be handed over: {reason}</source>
   <translation>{layer} kon niet worden overgedragen: {reason}</translation>
  </message>
  <message>
   <source>The engine's output has no layer {name}.</source>
   <translation>De uitvoer van de engine heeft geen laag {name}.</translation>
  </message>
  <message>
   <source>{file}: a row could not be read.</source>
   <translation>{file}: een rij kon niet worden gelezen.</translation>
  </message>
  <message>
   <source>The balance of vragers and dragers is relative to the reference: no norm, and no judgement of persons. A number in brackets is a range: what it can be, given what is not known. What is unknown has no points.</source>
   <translation>De balans van vragers en dragers is tegenover de referentie: geen norm en geen oordeel over mensen. Tussen haakjes staat een bereik: wat het kan zijn, gezien wat niet bekend is. Wat onbekend is, heeft geen punten.</translation>
  </message>
  <message>
   <source>Part</source>
   <translation>Onderdeel</translation>
  </message>
  <message>
   <source>Geowoonzorg: a page for each site, {paper}</source>
   <translation>Geowoonzorg: een bladzijde per locatie, {paper}</translation>
  </message>
  <message>
   <source>site</source>
   <translation>locatie</translation>
  </message>
  <message>
   <source>Made with {engine} and QGIS, printed {date}. Page {page}.</source>
   <translation>Gemaakt met {engine} en QGIS, afgedrukt op {date}. Bladzijde {page}.</translation>
  </message>
  <message>
   <source>{facilities}
(the walk there: same colour)</source>
   <translation>{facilities}
(de looproute: zelfde kleur)</translation>
  </message>
  <message>
   <source>Sources: {sources}</source>
   <translation>Bronnen: {sources}</translation>
  </message>
  <message>
   <source>Scoring profile: {title}, hash {hash}</source>
   <translation>Scoringsprofiel: {title}, hash {hash}</translation>
  </message>
  <message>
   <source>All kinds</source>
   <translation>Alle soorten</translation>
  </message>
  <message>
   <source>Boundaries</source>
   <translation>Grenzen</translation>
  </message>
  <message>
   <source>Daily facilities</source>
   <translation>Dagelijkse voorzieningen</translation>
  </message>
  <message>
   <source>up to {metres} m walking</source>
   <translation>tot {metres} m lopen</translation>
  </message>
  <message>
   <source>{what} (building or plot)</source>
   <translation>{what} (pand of perceel)</translation>
  </message>
  <message>
   <source>Reach of facilities</source>
   <translation>Bereik van voorzieningen</translation>
  </message>
  <message>
   <source>Makes the walking network once, and answers two questions over it: how far each class of facilities reaches, as rings, and how many of them each place has within walking distance. Open it in the Model Designer to make your own of it.</source>
   <translation>Maakt het looproutenetwerk één keer, en beantwoordt daarover twee vragen: hoe ver elke klasse van voorzieningen reikt, als ringen, en hoeveel daarvan elke plek op loopafstand heeft. Open het in de modelbouwer om er een eigen model van te maken.</translation>
  </message>
  <message>
   <source>Walking network: file</source>
   <translation>Looproutenetwerk: bestand</translation>
  </message>
  <message>
   <source>An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines.</source>
   <translation>Een OpenStreetMap-uitsnede (.osm.pbf, .osm, .osm.bz2), een eerder bewaard netwerk (.npz), of een bestand met lijnen.</translation>
  </message>
  <message>
   <source>One or several, with a semicolon between them: 400; 800.</source>
   <translation>Een of meer, met een puntkomma ertussen: 400; 800.</translation>
  </message>
  <message>
   <source>A profile: rollator, rolstoel or wandelaar.</source>
   <translation>Een profiel: rollator, rolstoel of wandelaar.</translation>
  </message>
  <message>
   <source>Choose noise as a raster or as areas, not both.</source>
   <translation>Kies geluid als raster of als vlakken, niet allebei.</translation>
  </message>
  <message>
   <source>Choose the layer of areas that the field with decibels is of.</source>
   <translation>Kies de laag met vlakken waar het veld met decibellen van is.</translation>
  </message>
  <message>
   <source>Noise (Lden)</source>
   <translation>Geluid (Lden)</translation>
  </message>
  <message>
   <source>{layer}: choose the field with decibels.</source>
   <translation>{layer}: kies het veld met decibellen.</translation>
  </message>
  <message>
   <source>Noise: or a layer of areas</source>
   <translation>Geluid: of een laag met vlakken</translation>
  </message>
  <message>
   <source>Metres over the ground, whatever the layers' reference system. 400 is the rollator distance (Platform31), 500 and 800 are other norms. Several: 400; 800.</source>
   <translation>Meters over de grond, wat het coördinatenstelsel van de lagen ook is. 400 is de rollatorafstand (Platform31), 500 en 800 zijn andere normen. Meer dan een: 400; 800.</translation>
  </message>
  <message>
   <source>{parameter}: must be more than 0 and at most {maximum} metres, not {value}.</source>
   <translation>{parameter}: moet meer dan 0 en hoogstens {maximum} meter zijn, niet {value}.</translation>
  </message>
  <message>
   <source>Whether the straight line between a place and its nearest street is part of the distance.</source>
   <translation>Of de rechte lijn tussen een plek en de dichtstbijzijnde straat bij de afstand hoort.</translation>
  </message>
  <message>
   <source>What to take from OpenStreetMap. What is absent there is unknown, never 'none'.</source>
   <translation>Wat er uit OpenStreetMap komt. Wat daar ontbreekt is onbekend, nooit 'geen'.</translation>
  </message>
  <message>
   <source>Reference system to work in</source>
   <translation>Coördinatenstelsel om in te rekenen</translation>
  </message>
  <message>
   <source>Metric; layers in another system are converted. Lengths are metres over the ground in any of them.</source>
   <translation>In meters; lagen in een ander stelsel worden omgerekend. Lengtes zijn in elk stelsel meters over de grond.</translation>
  </message>
  <message>
   <source>An extract such as kampen.osm.pbf. Extracts per province: download.geofabrik.de.</source>
   <translation>Een uitsnede zoals kampen.osm.pbf. Uitsneden per provincie: download.geofabrik.de.</translation>
  </message>
  <message>
   <source>Walking network: or a line layer</source>
   <translation>Looproutenetwerk: of een lijnenlaag</translation>
  </message>
  <message>
   <source>{layer}: a table is read as it is, so no field of it can be chosen. Call the column id or klasse, or load it as a layer.</source>
   <translation>{layer}: een tabel wordt gelezen zoals zij is, dus er is geen veld van te kiezen. Noem de kolom id of klasse, of laad de tabel als laag.</translation>
  </message>
  <message>
   <source>The field with the class (huisarts, supermarkt, …). Empty: the field facility_class, if there is one.</source>
   <translation>Het veld met de klasse (huisarts, supermarkt, …). Leeg: het veld facility_class, als dat er is.</translation>
  </message>
  <message>
   <source>Farthest from a street (m)</source>
   <translation>Hoogstens van een straat (m)</translation>
  </message>
  <message>
   <source>A place farther than this from any walkable street gets the status off_network.</source>
   <translation>Een plek die verder dan dit van elke beloopbare straat ligt krijgt de status off_network.</translation>
  </message>
  <message>
   <source>Count the way from door to street</source>
   <translation>De weg van deur tot straat meetellen</translation>
  </message>
  <message>
   <source>Shape</source>
   <translation>Vorm</translation>
  </message>
  <message>
   <source>Streets: the metres of street within reach. Areas: every place within reach.</source>
   <translation>Straten: de meters straat binnen bereik. Vlakken: elke plek binnen bereik.</translation>
  </message>
  <message>
   <source>Facility classes</source>
   <translation>Klassen van voorzieningen</translation>
  </message>
  <message>
   <source>All files (*.*)</source>
   <translation>Alle bestanden (*.*)</translation>
  </message>
  <message>
   <source>Choose a walking network: an OpenStreetMap file or a line layer.</source>
   <translation>Kies een looproutenetwerk: een OpenStreetMap-bestand of een lijnenlaag.</translation>
  </message>
  <message>
   <source>{parameter}: {value} can be read in two ways. Write whole metres, without a decimal comma or a separator of thousands, and several distances with a semicolon between them: 400; 800.</source>
   <translation>{parameter}: {value} kan op twee manieren worden gelezen. Schrijf hele meters, zonder decimale komma of scheiding van duizendtallen, en meer dan een afstand met een puntkomma ertussen: 400; 800.</translation>
  </message>
  <message>
   <source>{parameter}: {small} m beside {large} m; was one number meant? A limit under {least} m goes in a run of its own.</source>
   <translation>{parameter}: {small} m naast {large} m; is één getal bedoeld? Een afstand onder {least} m gaat in een eigen berekening.</translation>
  </message>
  <message>
   <source>Areas</source>
   <translation>Vlakken</translation>
  </message>
  <message>
   <source>Streets</source>
   <translation>Straten</translation>
  </message>
  <message>
   <source>{profile}: own file</source>
   <translation>{profile}: eigen bestand</translation>
  </message>
  <message>
   <source>As the study says</source>
   <translation>Zoals de studie zegt</translation>
  </message>
  <message>
   <source>Choose at least one facility class.</source>
   <translation>Kies minstens één klasse van voorzieningen.</translation>
  </message>
  <message>
   <source>Stop at (m)</source>
   <translation>Niet verder zoeken dan (m)</translation>
  </message>
  <message>
   <source>What is farther gets the status beyond_limit. Empty: no limit.</source>
   <translation>Wat verder is krijgt de status beyond_limit. Leeg: geen grens.</translation>
  </message>
  <message>
   <source>Choose either a network file or a line layer, not both.</source>
   <translation>Kies een netwerkbestand of een lijnenlaag, niet allebei.</translation>
  </message>
  <message>
   <source>Instead of a file: a layer of walkable lines, which connect where their vertices coincide, such as the streets of Walking network as layers. Of an OpenStreetMap file that is open in QGIS the file itself is read.</source>
   <translation>In plaats van een bestand: een laag met beloopbare lijnen, die aan elkaar zitten waar hun punten samenvallen, zoals de straten van Looproutenetwerk als lagen. Van een OpenStreetMap-bestand dat in QGIS openstaat wordt het bestand zelf gelezen.</translation>
  </message>
  <message>
   <source>{layer}: key field</source>
   <translation>{layer}: sleutelveld</translation>
  </message>
  <message>
   <source>The field whose values name each feature. Empty: the field id, else the feature's number.</source>
   <translation>Het veld waarvan de waarden elk object benoemen. Leeg: het veld id, anders het nummer van het object.</translation>
  </message>
  <message>
   <source>{parameter}: {value} is not a number of metres, such as 400 or 400; 800.</source>
   <translation>{parameter}: {value} is geen aantal meters, zoals 400 of 400; 800.</translation>
  </message>
  <message>
   <source>A TOML file in the form of the engine's own profiles; it wins over the choice above.</source>
   <translation>Een TOML-bestand in de vorm van de eigen profielen van de engine; het gaat voor de keuze hierboven.</translation>
  </message>
  <message>
   <source>{layer}: class field</source>
   <translation>{layer}: klasseveld</translation>
  </message>
  <message>
   <source>{parameter}: {crs} counts in degrees or is unknown; choose a metric one, such as EPSG:28992.</source>
   <translation>{parameter}: {crs} telt in graden of is onbekend; kies een stelsel in meters, zoals EPSG:28992.</translation>
  </message>
  <message>
   <source>{parameter}: choose a file.</source>
   <translation>{parameter}: kies een bestand.</translation>
  </message>
  <message>
   <source>Geowoonzorg: sites and scores</source>
   <translation>Geowoonzorg: locaties en scores</translation>
  </message>
  <message>
   <source>Settings and engine…</source>
   <translation>Instellingen en engine…</translation>
  </message>
  <message>
   <source>Geowoonzorg: walking distance, liveability and places for homes with care nearby</source>
   <translation>Geowoonzorg: loopafstand, leefbaarheid en plekken voor wonen met zorg dichtbij</translation>
  </message>
  <message>
   <source>Folder for the whole answer</source>
   <translation>Map voor het hele antwoord</translation>
  </message>
  <message>
   <source>Gets every file of the answer: page, tables, layers and where the numbers come from.</source>
   <translation>Krijgt elk bestand van het antwoord: pagina, tabellen, lagen en waar de getallen vandaan komen.</translation>
  </message>
  <message>
   <source>In tiles of (km)</source>
   <translation>In tegels van (km)</translation>
  </message>
  <message>
   <source>Less memory at a time, for a province or the country; the numbers are the same.</source>
   <translation>Minder geheugen tegelijk, voor een provincie of het land; de getallen zijn dezelfde.</translation>
  </message>
  <message>
   <source>Folder for what is done</source>
   <translation>Map voor wat klaar is</translation>
  </message>
  <message>
   <source>What each tile gave is kept there: after a stop the same run goes on where it was.</source>
   <translation>Wat elke tegel gaf blijft daar bewaard: na een stop gaat dezelfde opdracht verder waar hij was.</translation>
  </message>
  <message>
   <source>Dask scheduler</source>
   <translation>Dask-scheduler</translation>
  </message>
  <message>
   <source>The address of a Dask cluster that does the tiles, such as tcp://10.0.0.1:8786.</source>
   <translation>Het adres van een Dask-cluster dat de tegels doet, zoals tcp://10.0.0.1:8786.</translation>
  </message>
  <message>
   <source>Map (Folium)</source>
   <translation>Kaart (Folium)</translation>
  </message>
  <message>
   <source>{layer} has no coordinate reference system. Set it: right-click the layer &gt; Layer CRS &gt; Set Layer CRS.</source>
   <translation>{layer} heeft geen coördinatenstelsel. Stel het in: rechtsklik op de laag &gt; Laag-CRS &gt; CRS voor laag instellen.</translation>
  </message>
  <message>
   <source>{layer} has no single band of values: a picture of a map (WMS) has colours only, and of several bands it is not known which. Choose a raster with one band, or a WCS or GeoTIFF of the same data.</source>
   <translation>{layer} heeft geen enkele band met waarden: een kaartbeeld (WMS) heeft alleen kleuren, en van meer banden is niet bekend welke. Kies een raster met één band, of een WCS of GeoTIFF van dezelfde gegevens.</translation>
  </message>
  <message>
   <source>{layer}: {count} areas have no number in the field {field} ({values}). Give each one number, such as 57; a class such as 55-59 is none: make a field with the field calculator.</source>
   <translation>{layer}: {count} vlakken hebben geen getal in het veld {field} ({values}). Geef elk vlak één getal, zoals 57; een klasse zoals 55-59 is dat niet: maak een veld met de veldberekening.</translation>
  </message>
  <message>
   <source>{layer} has too many cells for this place ({count}); cut out what is needed, and choose that.</source>
   <translation>{layer} heeft te veel cellen voor deze plaats ({count}); knip uit wat nodig is, en kies dat.</translation>
  </message>
  <message>
   <source>{layer} does not lie where the sites are; choose the one of this place.</source>
   <translation>{layer} ligt niet waar de locaties zijn; kies die van deze plaats.</translation>
  </message>
  <message>
   <source>{layer} lacks criteria of this ranking: {names}. Score it with the same profile.</source>
   <translation>{layer} mist criteria van deze rangorde: {names}. Scoor die laag met hetzelfde profiel.</translation>
  </message>
  <message>
   <source>No site could be ranked: see the reasons in the table.</source>
   <translation>Geen locatie kreeg een rang: zie de redenen in de tabel.</translation>
  </message>
  <message>
   <source>With the weights moved:</source>
   <translation>Met de verschoven gewichten:</translation>
  </message>
  <message>
   <source>{layer} was scored on other scales. Score it with the same profile.</source>
   <translation>{layer} is op andere schalen gescoord. Scoor die laag met hetzelfde profiel.</translation>
  </message>
  <message>
   <source>{name} is first of {count} sites.</source>
   <translation>{name} staat bovenaan van {count} locaties.</translation>
  </message>
  <message>
   <source>{names} share the first place of {count} sites.</source>
   <translation>{names} delen de eerste plaats van {count} locaties.</translation>
  </message>
  <message>
   <source>Dropped out: {count}.</source>
   <translation>Afgevallen: {count}.</translation>
  </message>
  <message>
   <source>Too little known for a score: {count}.</source>
   <translation>Te weinig bekend voor een score: {count}.</translation>
  </message>
  <message>
   <source>{study}, {time}</source>
   <translation>{study}, {time}</translation>
  </message>
  <message>
   <source>Folder for map, report and results</source>
   <translation>Map voor kaart, rapport en uitkomsten</translation>
  </message>
  <message>
   <source>Gets map.html, report.html, scores.csv, provenance.json and result.gpkg.</source>
   <translation>Krijgt map.html, report.html, scores.csv, provenance.json en result.gpkg.</translation>
  </message>
  <message>
   <source>{folder} is a temporary folder: it is gone when QGIS closes. Choose a folder to keep map and results.</source>
   <translation>{folder} is een tijdelijke map: die verdwijnt als QGIS sluit. Kies een map om kaart en resultaten te bewaren.</translation>
  </message>
  <message>
   <source>Buurten</source>
   <translation>Buurten</translation>
  </message>
  <message>
   <source>Buurten or wijken with their liveability and the balance of vragers and dragers.</source>
   <translation>Buurten of wijken met hun leefbaarheid en de balans van vragers en dragers.</translation>
  </message>
  <message>
   <source>What lies within walking distance of each facility.</source>
   <translation>Wat op loopafstand van elke voorziening ligt.</translation>
  </message>
  <message>
   <source>Within walking distance of the sites</source>
   <translation>Op loopafstand van de locaties</translation>
  </message>
  <message>
   <source>What can be walked to from each site, per limit.</source>
   <translation>Waar men vanaf elke locatie lopend kan komen, per grens.</translation>
  </message>
  <message>
   <source>Walks from the sites</source>
   <translation>Looproutes vanaf de locaties</translation>
  </message>
  <message>
   <source>From each site the walk to the nearest facility of each class, with steps, kerbs, benches and what is unknown.</source>
   <translation>Vanaf elke locatie de looproute naar de dichtstbijzijnde voorziening van elke klasse, met treden, stoepranden, bankjes en wat onbekend is.</translation>
  </message>
  <message>
   <source>The facilities used.</source>
   <translation>De gebruikte voorzieningen.</translation>
  </message>
  <message>
   <source>Where people live, as far as the study uses it.</source>
   <translation>Waar mensen wonen, voor zover de studie dat gebruikt.</translation>
  </message>
  <message>
   <source>Parts of the scores</source>
   <translation>Delen van de scores</translation>
  </message>
  <message>
   <source>Per site and criterion what was measured, its weight and points, and why a figure is not known.</source>
   <translation>Per locatie en criterium wat is gemeten, het gewicht en de punten, en waarom een cijfer niet bekend is.</translation>
  </message>
  <message>
   <source>The candidate sites with score, rank, rank interval, and every criterion's part in it.</source>
   <translation>De kandidaatlocaties met score, rang, rangbandbreedte, en het aandeel van elk criterium daarin.</translation>
  </message>
  <message>
   <source>Scores (csv)</source>
   <translation>Scores (csv)</translation>
  </message>
  <message>
   <source>Results (GeoPackage)</source>
   <translation>Uitkomsten (GeoPackage)</translation>
  </message>
  <message>
   <source>Folder of the study</source>
   <translation>Map van de studie</translation>
  </message>
  <message>
   <source>Gets study.toml, and the files that belong to it.</source>
   <translation>Krijgt study.toml, en de bestanden die erbij horen.</translation>
  </message>
  <message>
   <source>Buurten or wijken</source>
   <translation>Buurten of wijken</translation>
  </message>
  <message>
   <source>Tables with figures</source>
   <translation>Tabellen met cijfers</translation>
  </message>
  <message>
   <source>Leefbaarometer scores</source>
   <translation>Leefbaarometerscores</translation>
  </message>
  <message>
   <source>Leefbaarometer scores and their year go together: the file holds several years.</source>
   <translation>Leefbaarometerscores en hun jaar horen bij elkaar: het bestand bevat meerdere jaren.</translation>
  </message>
  <message>
   <source>Noise: field with decibels</source>
   <translation>Geluid: veld met decibellen</translation>
  </message>
  <message>
   <source>{file} was not written from this dialog, and would be lost. Choose another folder.</source>
   <translation>{file} is niet vanuit dit venster geschreven, en zou verloren gaan. Kies een andere map.</translation>
  </message>
  <message>
   <source>Own list of facilities</source>
   <translation>Eigen lijst van voorzieningen</translation>
  </message>
  <message>
   <source>Where people live. Empty: the addresses in the OpenStreetMap file.</source>
   <translation>Waar mensen wonen. Leeg: de adressen in het OpenStreetMap-bestand.</translation>
  </message>
  <message>
   <source>The CBS Wijk- en buurtkaart, or any polygons with buurt or wijk codes: a file, or a layer of the project, as of PDOK. With a layer of a GeoPackage go its wijken and gemeenten; of another layer, give those under tables with figures.</source>
   <translation>De Wijk- en buurtkaart van CBS, of vlakken met buurt- of wijkcodes: een bestand, of een laag van het project, zoals van PDOK. Met een laag uit een GeoPackage gaan de wijken en gemeenten daaruit mee; geef die bij een andere laag op als tabellen met cijfers.</translation>
  </message>
  <message>
   <source>The csv as published, for the same level as the areas, or a layer or table with its columns.</source>
   <translation>De csv zoals die is gepubliceerd, van hetzelfde niveau als de gebieden, of een laag of tabel met die kolommen.</translation>
  </message>
  <message>
   <source>The network is not an OpenStreetMap file: give an own list of facilities, and addresses.</source>
   <translation>Het netwerk is geen OpenStreetMap-bestand: geef een eigen lijst van voorzieningen, en adressen.</translation>
  </message>
  <message>
   <source>Leefbaarometer scores need areas to belong to: choose the buurten or wijken too.</source>
   <translation>Leefbaarometerscores horen bij gebieden: kies ook de buurten of wijken.</translation>
  </message>
  <message>
   <source>Candidate sites</source>
   <translation>Kandidaatlocaties</translation>
  </message>
  <message>
   <source>Points or areas; other fields, such as n_woningen and ontmoetingsruimte, count where the profile asks for them.</source>
   <translation>Punten of vlakken; andere velden, zoals n_woningen en ontmoetingsruimte, tellen mee waar het profiel erom vraagt.</translation>
  </message>
  <message>
   <source>A layer, or a table (csv, xlsx) with coordinates or addresses.</source>
   <translation>Een laag, of een tabel (csv, xlsx) met coördinaten of adressen.</translation>
  </message>
  <message>
   <source>Comes on the map and the report.</source>
   <translation>Komt op de kaart en het rapport.</translation>
  </message>
  <message>
   <source>Which areas the figures are taken from.</source>
   <translation>Van welke gebieden de cijfers komen.</translation>
  </message>
  <message>
   <source>A code such as GM0166; empty: all areas in the file.</source>
   <translation>Een code zoals GM0166; leeg: alle gebieden in het bestand.</translation>
  </message>
  <message>
   <source>CBS key figures, joined on the area's code: files (csv, xlsx), or layers and tables of the project.</source>
   <translation>Kerncijfers van CBS, gekoppeld op de code van het gebied: bestanden (csv, xlsx), of lagen en tabellen van het project.</translation>
  </message>
  <message>
   <source>The file holds several years; choose one.</source>
   <translation>Het bestand bevat meerdere jaren; kies er een.</translation>
  </message>
  <message>
   <source>A raster in decibels, averaged by energy over the walking catchment.</source>
   <translation>Een raster in decibellen, naar energie gemiddeld over wat te lopen is.</translation>
  </message>
  <message>
   <source>Instead of a raster: areas with one number of decibels each, such as contours. They are laid on cells of 10 m; where areas overlap the highest counts, and outside them noise is unknown.</source>
   <translation>In plaats van een raster: vlakken met elk één getal in decibellen, zoals contouren. Zij komen op cellen van 10 m; waar vlakken over elkaar liggen telt het hoogste, en daarbuiten is het geluid onbekend.</translation>
  </message>
  <message>
   <source>A number in each area, such as 57; a class such as 55-59 is none.</source>
   <translation>In elk vlak een getal, zoals 57; een klasse zoals 55-59 is dat niet.</translation>
  </message>
  <message>
   <source>Wins over OpenStreetMap for the classes it holds; needed where the network is not an OpenStreetMap file.</source>
   <translation>Gaat voor OpenStreetMap voor de klassen die erin staan; nodig als het netwerk geen OpenStreetMap-bestand is.</translation>
  </message>
  <message>
   <source>Name of the study</source>
   <translation>Naam van de studie</translation>
  </message>
  <message>
   <source>Level of the areas</source>
   <translation>Niveau van de gebieden</translation>
  </message>
  <message>
   <source>Only this gemeente</source>
   <translation>Alleen deze gemeente</translation>
  </message>
  <message>
   <source>Leefbaarometer: year</source>
   <translation>Leefbaarometer: jaar</translation>
  </message>
  <message>
   <source>1. Data</source>
   <translation>1. Gegevens</translation>
  </message>
  <message>
   <source>2. Walking</source>
   <translation>2. Lopen</translation>
  </message>
  <message>
   <source>3. Sites and studies</source>
   <translation>3. Locaties en studies</translation>
  </message>
  <message>
   <source>4. What could be better</source>
   <translation>4. Wat beter kan</translation>
  </message>
  <message>
   <source>5. Engine</source>
   <translation>5. Engine</translation>
  </message>
  <message>
   <source>One site</source>
   <translation>Eén locatie</translation>
  </message>
  <message>
   <source>Ranking</source>
   <translation>Ranglijst</translation>
  </message>
  <message>
   <source>Coverage</source>
   <translation>Dekking</translation>
  </message>
  <message>
   <source>New facilities</source>
   <translation>Nieuwe voorzieningen</translation>
  </message>
  <message>
   <source>Programme</source>
   <translation>Programma</translation>
  </message>
  <message>
   <source>Region</source>
   <translation>Regio</translation>
  </message>
  <message>
   <source>address unknown</source>
   <translation>adres onbekend</translation>
  </message>
  <message>
   <source>The engine ended by itself (code {code}); your next question starts it again. Its last words: {last}</source>
   <translation>De engine is uit zichzelf gestopt (code {code}); de volgende vraag start hem weer. Laatste woorden: {last}</translation>
  </message>
  <message>
   <source>The engine's answer is too long; it was stopped.</source>
   <translation>Het antwoord van de engine is te lang; hij is gestopt.</translation>
  </message>
  <message>
   <source>What answers is no geowoonzorg engine of this plugin's kind; install the one beside its zip.</source>
   <translation>Wat antwoordt is geen engine die bij deze plugin hoort; installeer die naast de zip van de plugin.</translation>
  </message>
  <message>
   <source>The engine was ended from outside or crashed; this happens when the memory is full. Close other programs, or take a smaller study; your next question starts it again. Its last words: {last}</source>
   <translation>De engine is van buitenaf gestopt of vastgelopen; dat gebeurt als het geheugen vol is. Sluit andere programma's of neem een kleinere studie; de volgende vraag start hem weer. Laatste woorden: {last}</translation>
  </message>
 </context>
</TS>
