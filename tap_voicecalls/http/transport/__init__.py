"""One request and its response over one server's connections: bounds, proxies, certificates.

It knows no retry and no rate limit. It imports `common`, and from `http` only the type of `auth`.
"""
