"""What the machine says of the network: its proxies, and whose certificates are trusted."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import requests

# In the order in which they count: requests' own, that of curl, that of OpenSSL.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def proxies_and_certificates(base_url: str) -> tuple[dict[str, str], bool | str]:
    """Look up proxies, and a file of certificates, once and not on every request.

    Returns:
        The proxies by scheme, and the file; True for the certificates that are known anyway.
    """
    session = requests.Session()
    found = session.merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)
    verify = found["verify"]
    if not isinstance(verify, str):
        verify = os.environ.get("SSL_CERT_FILE") or True
    return dict(found["proxies"]), verify


def distrust(bundle: str) -> str:
    """Say why a file of certificates cannot be used; an empty text if it can."""
    path = Path(bundle)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if path.is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError:
        names = [name for name in _BUNDLES if os.environ.get(name) == bundle]
        fact = "holds no certificates" if path.exists() else "does not exist"
        return f"`{' or '.join(names)}` names {bundle!r}, which {fact}; correct or unset it"
    return ""
