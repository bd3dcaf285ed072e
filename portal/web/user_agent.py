"""What people call the browser and the machine behind a `User-Agent`; good for a list, never for a decision."""

from portal.texts import gettext

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""What the text holds, and the name for it; the first that fits, since each claims to be the ones below it."""


def device_label(agent: str) -> str:
    """Browser and system, as far as `agent` says; its own first words, else, and «unknown device» for none."""
    names = [next((name for sign, name in table if sign in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, names)) or agent[:40] or gettext("unknown device")
