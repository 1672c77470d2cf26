"""Tools for whoever develops the portal: they measure what people see. Nothing here runs in production."""
