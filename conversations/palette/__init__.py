"""What can be done and where one can go, by typing a few letters of it."""
