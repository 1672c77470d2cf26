"""The portal's own icons: simple strokes on a 24-unit square, drawn for this site.

A path with class ``solid`` is filled. Colour and weight come from the stylesheet.
"""

ICONS: dict[str, str] = {
    # Rooms
    "home": '<path d="M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z"/>',
    "community": '<path d="M4 5h11v8H9l-5 4z"/><path d="M19 9v11l-4-3H9"/>',
    "cases": '<path d="M4 8h16v11H4z"/><path d="M9 8V5h6v3M4 13h16"/>',
    "desk": '<path d="M4 5h16v10H4z"/><path d="M12 15v4M8 19h8M8 9h8M8 12h5"/>',
    "status": '<path d="M3 12h4l3-7 4 14 3-7h4"/>',
    "data": '<path d="M5 6c0-3 14-3 14 0s-14 3-14 0zM5 6v12c0 3 14 3 14 0V6M5 12c0 3 14 3 14 0"/>',
    "support": '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="3.5"/>'
    '<path d="m5.6 5.6 3.9 3.9m5 5 3.9 3.9m0-12.8-3.9 3.9m-5 5-3.9 3.9"/>',
    "admin": '<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"/>',
    "chart": '<path d="M5 20v-8M12 20V5M19 20v-5"/>',
    # Acts
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "edit": '<path d="m4 20 1-4L16 5l3 3L8 19zM14 7l3 3"/>',
    "trash": '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5"/>',
    "download": '<path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14"/>',
    "upload": '<path d="M12 16V5M7.5 9.5 12 5l4.5 4.5M5 20h14"/>',
    "attach": '<path d="m19 11-7.5 7.5a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0'
    ' 1-2.2-2.2L14 7.2"/>',
    "reply": '<path d="M9 6 4 11l5 5M4 11h10a6 6 0 0 1 6 6v1"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"/>',
    "copy": '<path d="M9 9h11v11H9z"/><path d="M15 9V4H4v11h5"/>',
    "refresh": '<path d="M19 12a7 7 0 1 1-2-5M19 4v4h-4"/>',
    "filter": '<path d="M4 6h16M7 12h10M10 18h4"/>',
    "sign-in": '<path d="M14 4h5v16h-5M4 12h10m-4-4 4 4-4 4"/>',
    "sign-out": '<path d="M10 4H5v16h5M9 12h11m-4-4 4 4-4 4"/>',
    "send": '<path d="M4 5l16 7-16 7 3-7zM7 12h13"/>',
    "external": '<path d="M13 5h6v6M19 5l-9 9M16 14v5H5V8h5"/>',
    # Direction
    "arrow-right": '<path d="M5 12h14m-5.5-5.5L19 12l-5.5 5.5"/>',
    "arrow-left": '<path d="M19 12H5m5.5-5.5L5 12l5.5 5.5"/>',
    "chevron-down": '<path d="m6 9.5 6 6 6-6"/>',
    "chevron-right": '<path d="m9.5 6 6 6-6 6"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "x": '<path d="m6 6 12 12M18 6 6 18"/>',
    "more": '<circle class="solid" cx="5" cy="12" r="1.7"/><circle class="solid" cx="12" cy="12" r="1.7"/>'
    '<circle class="solid" cx="19" cy="12" r="1.7"/>',
    # People and things
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20c1-4 4-6 7.5-6s6.5 2 7.5 6"/>',
    "users": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19c.8-3.5 3.3-5 6.5-5s5.7 1.5 6.5'
    " 5M15.5 5.3a3.5 3.5 0 0 1 0"
    ' 6.4M18 14.5c1.9.7 3 2.2 3.5 4.5"/>',
    "account": '<path d="M4 20V6l8-3v17M12 9h8v11M2 20h20M7 8h2M7 12h2M7 16h2M15 13h2M15 16.5h2"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4"/>',
    "mail": '<path d="M3.5 6h17v12h-17z"/><path d="m3.5 7 8.5 6 8.5-6"/>',
    "phone": '<path d="M6 4h3l1.5 4.5L8.5 10a11 11 0 0 0 5.5 5.5l1.5-2L20 15v3a2 2 0 0 1-2 2C10.5'
    ' 20 4 13.5 4 6a2 2 0 0 1 2-2z"/>',
    "key": '<circle cx="8" cy="15" r="4.5"/><path d="m11.5 11.5 8-8M16 7l3 3"/>',
    "passkey": '<circle cx="9" cy="8" r="3.5"/><path d="M3 19c.6-3.6 3-5.5 6-5.5 1 0 1.9.2 2.7.6"/>'
    '<circle cx="17.5" cy="12.5" r="2.5"/><path d="M17.5 15v6l1.7-1.5M17.5 18.5h1.5"/>',
    "lock": '<path d="M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "shield": '<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"/><path d="m9 11.5 2.2 2.2L15.5 9.5"/>',
    "file": '<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>',
    "image": '<path d="M4 5h16v14H4z"/><circle cx="9" cy="10" r="1.7"/><path d="m4 17 5-4 3 2.5 3.5-4L20 16"/>',
    "code": '<path d="m8 8-4 4 4 4M16 8l4 4-4 4M13.5 5l-3 14"/>',
    "tag": '<path d="M4 4h8l8 8-8 8-8-8z"/><circle cx="8" cy="8" r="1.2"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10.5h16M8 3.5V8M16 3.5V8"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "globe": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5 5 5 12 0 17-5-5-5-12 0-17z"/>',
    "link": '<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4'
    ' 4 0 0 0 5.7 5.7l1-1"/>',
    "eye": '<path d="M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5S5 16.5 2.5 12z"/>'
    '<circle cx="12" cy="12" r="3"/>',
    "star": '<path d="m12 4 2.5 5.2 5.5.8-4 4 1 5.6-5-2.7-5 2.7 1-5.6-4-4 5.5-.8z"/>',
    "book": '<path d="M12 6c-2-1.5-5-2-8-1.5V18c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5V4.5C17 4 14 4.5 12 6zM12 6v13.5"/>',
    "settings": '<path d="M4 8h9M19 8h1M4 16h1M11 16h9"/><circle cx="16" cy="8" r="2.5"/><circle'
    ' cx="8" cy="16" r="2.5"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17'
    " 17l1.4 1.4M18.4 5.6 17"
    ' 7M7 17l-1.4 1.4"/>',
    "moon": '<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>',
    "inbox": '<path d="M4 13 6.5 5h11L20 13v6H4zM4 13h5l1 2.5h4l1-2.5h5"/>',
    "note": '<path d="M5 4h14v10l-5 6H5zM14 20v-6h5M8.5 8.5h7M8.5 12h4"/>',
    "handshake": '<path d="m3 8 4-2 5 2 5-2 4 2v7l-3 1-6 4-6-4-3-1zM12 8l-3 4c1.5 1 3 .5 4-1l5 5"/>',
    # Community
    "idea": '<path d="M9 17v-1.5c-2-1.2-3.2-3.2-3.2-5.4a6.2 6.2 0 0 1 12.4 0c0 2.2-1.2 4.2-3.2 5.4V17zM9.5 20.5h5"/>',
    "announcement": '<path d="M4 10v4h3l9 4.5v-13L7 10zM8 14.5l1.2 5h2.6l-1.3-3.8M19 10v4"/>',
    "trophy": '<path d="M8 4h8v6a4 4 0 0 1-8 0zM8 5.5H4.5c0 3 1.2 4.5 3.7 4.7M16 5.5h3.5c0 3-1.2'
    ' 4.5-3.7 4.7M12 14v4M8.5 20h7"/>',
    "feed": '<path d="M5 11.5a7.5 7.5 0 0 1 7.5 7.5M5 5a14 14 0 0 1 14 14"/>'
    '<circle class="solid" cx="6.5" cy="17.5" r="1.8"/>',
    "quote": '<path d="M10 7c-3 .8-5 3-5 6.5V17h5v-5H7.5M19 7c-3 .8-5 3-5 6.5V17h5v-5h-2.5"/>',
    # Writing
    "bold": '<path d="M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z"/>',
    "italic": '<path d="M10.5 5H17M7 19h6.5M14 5l-4 14"/>',
    "heading": '<path d="M6.5 5v14M17.5 5v14M6.5 12h11"/>',
    "list": '<path d="M9.5 6.5H20M9.5 12H20M9.5 17.5H20"/><circle class="solid" cx="5" cy="6.5" r="1.4"/>'
    '<circle class="solid" cx="5" cy="12" r="1.4"/><circle class="solid" cx="5" cy="17.5" r="1.4"/>',
    "list-ordered": '<path d="M10.5 6.5H20M10.5 12H20M10.5 17.5H20M4 5l1.5-1v5M3.8 15.6c.3-1.7 3-1.5 2.7.1-.2 1-1.6'
    ' 1.9-2.7 3.3h2.9"/>',
    "task": '<path d="m3.5 6.5 1.7 1.7 3-3.4M12 6.5h8M12 12h8M12 17.5h8M3.5 12h4.5M3.5 17.5h4.5"/>',
    "columns": '<path d="M4 5h16v14H4zM12 5v14"/>',
    # States
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5"/><circle class="solid" cx="12" cy="7.8" r="1.2"/>',
    "warning": '<path d="M12 4 2.5 20h19zM12 10v4.5"/><circle class="solid" cx="12" cy="17.2" r="1.2"/>',
    "alert": '<path d="M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7zM12 8v5"/><circle class="solid" cx="12" cy="16" r="1.2"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "check-circle": '<circle cx="12" cy="12" r="8.5"/><path d="m8 12.3 2.8 2.8L16 9.5"/>',
    "question": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.5c.3-1.5 1.3-2 2.5-2 1.5 0 2.5 1 2.5 2.3 0 1.7-2.5'
    ' 2-2.5 4"/><circle class="solid" cx="12" cy="16.7" r="1.2"/>',
    "thumb-up": '<path d="M4 11h3v9H4zM7 12l4-8c1.7 0 2.5 1.3 2 3l-.7 3H19c.8 0 1.2.6 1 1.4l-1.5'
    ' 6.8c-.2.6-.7 1-1.3 1H7"/>',
    "bookmark": '<path d="M6.5 4h11v16.5L12 16l-5.5 4.5z"/>',
    "pin": '<path d="M9 4h6l-1 6 3 3v1.5H7V13l3-3zM12 14.5V21"/>',
    "merge": '<path d="M6 4v4c0 4 6 4 6 8v4M18 4v4c0 4-6 4-6 8M8.5 17.5 12 21l3.5-3.5"/>',
    "flag": '<path d="M6 21V4h12l-2.5 4.5L18 13H6"/>',
    "siren": '<path d="M6 18v-5a6 6 0 0 1 12 0v5M4 18h16v3H4zM12 2v2M4 5l1.5 1.5M20 5l-1.5 1.5"/>',
    # Case status
    "status-new": '<circle class="solid" cx="12" cy="12" r="6.5"/>',
    "status-in-progress": '<circle cx="12" cy="12" r="8"/><path class="solid" d="M12 4a8 8 0 0 1 0 16z"/>',
    "status-waiting": '<path d="M7 4h10M7 20h10M8 4c0 4 8 4 8 8s-8 4-8 8M16 4c0 4-8 4-8 8s8 4 8 8"/>',
    "status-on-hold": '<path d="M9 6v12M15 6v12"/>',
    "status-solved": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "status-closed": '<rect class="solid" x="6.5" y="6.5" width="11" height="11" rx="1.5"/>',
    # Severity: how many bars of four stand
    "severity-s1": '<path d="M4.5 19v-3M9.5 19v-7M14.5 19V8.5M19.5 19V5"/>',
    "severity-s2": '<path d="M4.5 19v-3M9.5 19v-7M14.5 19V8.5M19.5 19h.01"/>',
    "severity-s3": '<path d="M4.5 19v-3M9.5 19v-7M14.5 19h.01M19.5 19h.01"/>',
    "severity-s4": '<path d="M4.5 19v-3M9.5 19h.01M14.5 19h.01M19.5 19h.01"/>',
    # Priority
    "priority-urgent": '<path d="m6 11.5 6-6 6 6M6 18.5l6-6 6 6"/>',
    "priority-high": '<path d="m6 15 6-6 6 6"/>',
    "priority-normal": '<path d="M6 12h12"/>',
    "priority-low": '<path d="m6 9 6 6 6-6"/>',
    # A component's status: each has an outline of its own
    "component-operational": '<circle cx="12" cy="12" r="8.5"/><path d="m8 12.3 2.8 2.8L16 9.5"/>',
    "component-under-maintenance": '<path d="M14.5 6.5a4.5 4.5 0 0 1 5.7-1.2L17 8.5 15.5 7 M20.2 5.3a4.5 4.5 0 0 1-6'
    ' 5.9L7.7 17.7a2.1 2.1 0 0 1-3-3l6.5-6.5a4.5 4.5 0 0 1 3.3-5"/>',
    "component-degraded-performance": '<path d="m12 3 9 9-9 9-9-9zM8 12h8"/>',
    "component-partial-outage": '<path d="M12 4 2.5 20h19zM12 10v4.5"/>'
    '<circle class="solid" cx="12" cy="17.2" r="1.2"/>',
    "component-major-outage": '<path d="M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7zM9 9l6 6M15 9l-6 6"/>',
    "component-unknown": '<path d="M5 5h14v14H5z"/><path d="M9.7 10c.2-1.4 1.1-2 2.3-2 1.4 0 2.3.9 2.3 2 0 1.6-2.3'
    ' 1.8-2.3 3.6"/><circle class="solid" cx="12" cy="16.2" r="1.1"/>',
}
