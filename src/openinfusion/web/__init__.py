"""Pages for people: patients, orders, preparation, protocols, the bedside. Shows and asks; every rule and every number comes from below."""
