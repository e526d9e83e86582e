"""People: the class list, the ids that one person has, whose a name or an id is, and how an id is written as a file's name."""
