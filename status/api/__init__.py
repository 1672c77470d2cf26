"""The write API of the status site, for automation: views behind tokens, answered in JSON."""
