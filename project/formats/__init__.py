"""How each language writes dates on the pages; Django's own formats say the rest."""
