"""The proxies and trusted certificates that environment variables of the machine name."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import requests

# By precedence: the variables of requests, curl and OpenSSL.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def proxies_and_certificates(base_url: str) -> tuple[dict[str, str], bool | str]:
    """Look up the proxies and the certificate bundle for an address.

    Returns:
        The proxies by scheme, and the path of the bundle; True for the default certificates.
    """
    session = requests.Session()
    settings = session.merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)
    verify = settings["verify"]
    if not isinstance(verify, str):
        verify = os.environ.get("SSL_CERT_FILE") or True
    return dict(settings["proxies"]), verify


def bundle_problem(bundle: str) -> str:
    """Return why a certificate bundle cannot be used; an empty string if it can."""
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
