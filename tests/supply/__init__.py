"""What Threadmark is made of: an inventory of it, and whether anybody warns of a part."""
