"""From areas to people to sites: who lives within reach, and the vragers/dragers balance around them."""
