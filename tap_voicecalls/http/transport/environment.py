"""The proxies and trusted certificates that environment variables of the machine name."""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util import create_urllib3_context

# By precedence: the variables of requests, curl and OpenSSL.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class BundleError(Exception):
    """A bundle of trusted certificates cannot be used."""


def proxies_and_bundle(base_url: str) -> tuple[dict[str, str], str]:
    """Look up the proxies and the bundle of trusted certificates for an address.

    Returns:
        The proxies by scheme, and the path of the bundle: a file or a folder.
    """
    session = requests.Session()
    settings = session.merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)
    bundle = settings["verify"]
    if not isinstance(bundle, str):
        bundle = os.environ.get("SSL_CERT_FILE") or DEFAULT_CA_BUNDLE_PATH
    return dict(settings["proxies"]), bundle


@cache
def trusting(bundle: str) -> ssl.SSLContext:
    """Return the TLS settings that trust a bundle: one for all connections of a run.

    Reading a bundle takes 15 ms of processor time, too much to repeat for each connection.

    Raises:
        BundleError: The bundle cannot be used.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    path = Path(bundle)
    try:
        if path.is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError:
        names = [name for name in _BUNDLES if os.environ.get(name) == bundle]
        fact = "holds no certificates" if path.exists() else "does not exist"
        msg = f"`{' or '.join(names)}` names {bundle!r}, which {fact}; correct or unset it"
        raise BundleError(msg) from None
    return context
