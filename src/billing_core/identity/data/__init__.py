"""Generated data tables; see tools/ for how each is made."""
