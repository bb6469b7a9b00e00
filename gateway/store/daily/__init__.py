"""How a day goes: what came, what became of it, and what somebody has to look at. For the pages of the console."""
