"""How the labour figures are measured from outside: an invented month whose true totals are known."""
