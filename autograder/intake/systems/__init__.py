"""One module for each system: ``fit`` says whether a folder is a download of its, and reads it."""
