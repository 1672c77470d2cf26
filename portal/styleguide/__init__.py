"""The living page of the design system: every component and icon, drawn by the templates that pages use."""
