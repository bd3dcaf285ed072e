"""The rows. Piccolo finds the engine through this variable whoever imports a table first."""

import os

os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")
