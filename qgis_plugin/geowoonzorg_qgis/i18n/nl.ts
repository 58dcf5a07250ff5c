<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="nl" sourcelanguage="en">
 <context>
  <name>geowoonzorg</name>
  <message>
   <source>The temporary folder or the output cannot be written: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Input</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancelled; nothing was written.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{output}: a feature could not be written: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Output</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{output}: {count} features</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check a study</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tells every problem of a study.toml at once, and computes nothing.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The study's file; the paths in it are relative to its own folder.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Study (study.toml)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What was found</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Demo: a fictional municipality</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The whole job in one click, without the internet, on a fictional municipality that comes with the engine.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Check the engine and its environment</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tells which engine is used and who named it, its version and those of its libraries, and tests the coordinates. Use it after installing, and add its text to a question or report.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sound</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Engine {version}, from {origin}: {python}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Facilities from OpenStreetMap</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Takes huisartsen, supermarkten, apotheken and other facilities from an OpenStreetMap extract, each counted once. What is not in OpenStreetMap is unknown: check the list with people who know the place.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One point a facility, with its class, name, OpenStreetMap object and when it was last edited.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Facilities</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking distance to facilities</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>For every place, such as an address, the walk to the nearest facility of each class. One row a place and class; a status says why a distance is not known.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The places of departure, with the nearest facility of each class and the metres to it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Stop at (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What is farther gets the status beyond_limit. Empty: no limit.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Places of departure</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Points or areas, such as addresses.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Points or areas.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Who walks</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking network</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Makes the walking network for someone who walks as the profile says, tells what was dropped and why, and keeps it in a file that later steps read at once.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Network file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose it as walking network in the other algorithms.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Run a study, with map and report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Does everything a study.toml asks for: walking network, facilities, service areas, areas, and the candidate sites scored and ranked; writes the Folium map and the report, and loads the layers.
No study yet? Try the demo first, or make one with: geowoonzorg init FOLDER.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Without this the run refuses a folder that holds other files of the same names.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Replace files no earlier run wrote</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leefbaarometer scores and their year go together: the file holds several years.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Score candidate sites</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scores and ranks candidate sites on walking distances, liveability, the balance of vragers and dragers and noise, and shows for every site where its score comes from. What is not given stays unknown, and the score says what share of the weight was known.
The study it runs is kept in the output folder, so that it can be run again without QGIS.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Noise must be a GeoTIFF on disk; save the layer as one first.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Own list of facilities</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Addresses</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leefbaarometer scores need areas to belong to: choose the buurten or wijken too.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Buurten or wijken</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The CBS Wijk- en buurtkaart (GeoPackage), or polygons with buurt or wijk codes.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leefbaarometer scores</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The csv as published, for the same level as the areas.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking network: or a line layer</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The network is not an OpenStreetMap file: give an own list of facilities, and addresses.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Candidate sites</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Points or areas; other fields, such as n_woningen and ontmoetingsruimte, count where the profile asks for them.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Wins over OpenStreetMap for the classes it holds; needed where the network is not an OpenStreetMap file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Which areas the figures are taken from.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A code such as GM0166; empty: all areas in the file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>CBS key figures (csv, xlsx), joined on the area's code.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The file holds several years; choose one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A GeoTIFF in decibels, averaged by energy over the walking catchment.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where people live. Empty: the addresses in the OpenStreetMap file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Comes on the map and the report.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Level of the areas</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Only this gemeente</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Tables with figures</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Leefbaarometer: year</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Noise (Lden)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scoring profile</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name of the study</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Service areas</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The streets, or the area, within walking distance of each facility, measured exactly along the walking network. Polygons hold every place whose own walk, from door to door, is within the limit.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>One feature a facility and limit; a status says why one has no area.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Shape</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Streets: the metres of street within reach. Areas: every place within reach.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Points or areas. A facility that is an area is reached at its edge.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Areas</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Streets</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Id</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Name</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Class</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Facility</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Place of departure</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Site</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>OpenStreetMap object</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Last edited</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking distance, limit (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Length of street within reach (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Area within reach (m²)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking distance (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From door to street (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From door to street, departure (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>From street to door, facility (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Status</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Score (0-100)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rank</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rank, best</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Rank, worst</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of the weight that is known</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dropped out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reason for dropping out</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Code</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Level</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Year</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability, deviation from the Netherlands</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability: physical surroundings</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability: nuisance and unsafety (higher is better)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability: social cohesion</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability: services</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability: housing stock</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Liveability class (1-9)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Vragers index (reference = 1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Dragers index (reference = 1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Balance of vragers and dragers (0 = as the reference)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Quadrant of vragers and dragers</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Inhabitants</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Share of 65 and over</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Criterion</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Measured</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Unit</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Value (0-1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Weight</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Contribution to the score</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Why unknown</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Source</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>measured</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>value (0-1)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>points</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{python} ({origin}) has no working geowoonzorg engine. It says: {answer}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine in {python} ({origin}) is version {version}, this plugin needs {wanted}. Install it with: "{python}" -m pip install "geowoonzorg=={wanted}", or update the plugin.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine ended without saying what came of it; there is no result.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the setting in QGIS</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the plugin's own environment</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The geowoonzorg engine was not found. Install it in one of these ways:
1. in QGIS: Settings &gt; Options &gt; Geowoonzorg &gt; Install (also works offline, from a folder of wheels);
2. in a Python of your own (3.11 or newer): python -m pip install "geowoonzorg=={version}", and choose that Python in Settings &gt; Options &gt; Geowoonzorg, or name it in the variable {variable}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{python} ({origin}) does not answer within {seconds:.0f} seconds.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{python} ({origin}) cannot be started: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Cancelled.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine closed its output but does not end; it was stopped.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine stopped unexpectedly (exit code {code}).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>the variable {name}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{python} cannot be started: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Its last words:</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine has been silent for a minute. You can wait, or cancel.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{origin} names an interpreter that is not there: {python}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>nothing</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>No Python {minimum} or newer that can make an environment was found (looked at: {paths}). Install one (Windows: python.org; Debian and Ubuntu: apt install python3-venv) and try again.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Trying the engine</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The environment could not be made in {folder}: {reason}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine, version {version}, is ready.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Making an environment in {folder}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A step of the installation failed: {command}
{reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer} has no coordinate reference system, so its metres are unknown. Set it: right-click the layer &gt; Layer CRS &gt; Set Layer CRS (Dutch data is mostly EPSG:28992).</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer}: feature {id} could not be handed over: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer}: {count} features handed over</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer} could not be handed over: {reason}</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer} has no features. Is a filter or an empty selection in the way?</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine's output has no layer {name}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Metres over the ground, whatever the layers' reference system. 400 is the rollator distance (Platform31), 500 and 800 are other norms. Several: 400, 800.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{parameter}: must be more than 0 and at most {maximum} metres, not {value}.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Whether the straight line between a place and its nearest street is part of the distance.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What to take from OpenStreetMap. What is absent there is unknown, never 'none'.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Reference system to work in</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Metric; layers in another system are converted. Lengths are metres over the ground in any of them.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>OpenStreetMap file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An extract such as kampen.osm.pbf. Extracts per province: download.geofabrik.de.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Walking network: file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The field with the class (huisarts, supermarkt, …). Empty: the field facility_class, if there is one.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Farthest from a street (m)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A place farther than this from any walkable street gets the status off_network.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Count the way from door to street</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Facility classes</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>All files (*.*)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose a walking network: an OpenStreetMap file or a line layer.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{profile}: own file</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose at least one facility class.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Choose either a network file or a line layer, not both.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Instead of a file: a layer of walkable lines, which connect where their vertices coincide.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer}: key field</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The field whose values name each feature. Empty: the field id, else the feature's number.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>A TOML file in the form of the engine's own profiles; it wins over the choice above.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{parameter}: {path} is not there.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{layer}: class field</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{parameter}: {crs} counts in degrees or is unknown; choose a metric one, such as EPSG:28992.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{parameter}: choose a file.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>{parameter}: {value} is not a number of metres, such as 400 or 400, 800.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Geowoonzorg: sites and scores</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Settings and engine…</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Geowoonzorg: walking distance, liveability and places for homes with care nearby</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Folder for map, report and results</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Gets map.html, report.html, scores.csv, provenance.json and result.gpkg.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Buurten or wijken with their liveability and the balance of vragers and dragers.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>What lies within walking distance of each facility.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The facilities used.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Where people live, as far as the study uses it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Sites</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The candidate sites with score, rank, rank interval, and every criterion's part in it.</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Map (Folium)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Report</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Scores (csv)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>Results (GeoPackage)</source>
   <translation type="unfinished" />
  </message>
  <message>
   <source>The engine wrote no {file}.</source>
   <translation type="unfinished" />
  </message>
 </context>
</TS>
