"""How the site is made of the pages: `make docs`."""
