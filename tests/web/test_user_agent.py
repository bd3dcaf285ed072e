"""A device in the words that people use for it."""

import pytest

from portal import texts
from portal.web.user_agent import device_label

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (WINDOWS, "Chrome · Windows"),
        (WINDOWS + " Edg/141.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox · Linux"),
        (WINDOWS.replace("Windows NT 10.0; Win64; x64", "Linux; Android 15; SM-S921B"), "Chrome · Android"),
        (PHONE, "Safari · iPhone"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("", "دستگاه ناشناس"),
    ],
)
def test_a_device_is_named(agent: str, name: str) -> None:
    texts.locale.set("fa")
    assert device_label(agent) == name
