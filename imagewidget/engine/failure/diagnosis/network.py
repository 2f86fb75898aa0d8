"""The network between a step and the servers it downloads from."""

from imagewidget.engine.failure.diagnosis.rule import Rule

# What follows when pip or uv could not reach an index; a mere warning may have been survived.
_GAVE_UP = (
    r"from versions: none|No matching distribution|Could not fetch URL|error: Failed to"
    r"|\u00d7 Failed"
    r"|Max retries exceeded with url|^ERROR: Could not install packages|^E: |^npm (ERR!|error)"
    r"|^(curl|wget|fatal)\b|CondaHTTPError|CondaSSLError|Caused by:|error: Request failed"
)
_TAKE_CERTIFICATES = (
    "Add the certificate to the image before this step, and name it in the variables that the "
    "program reads (`PIP_CERT`, `SSL_CERT_FILE`, `NODE_EXTRA_CA_CERTS`)."
)
_TAKE_PROXY = "Pass a proxy that a container can reach as `HTTPS_PROXY` in `build_args=`."

RULES = (
    Rule(
        "certificate",
        r"(?i)CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate"
        r"|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER|VERIFY)|unable to get local issuer"
        r"|self[- ]signed certificate|server certificate verification failed"
        r"|SSL certificate problem|certificate issued by unknown|CondaSSLError"
        r"|The certificate is NOT trusted|ERROR: cannot verify .{1,200} certificate",
        "a server's certificate is not trusted in the image, often that of a proxy that inspects "
        "connections",
        _TAKE_CERTIFICATES,
        beside=_GAVE_UP + r"|(?i:certificate verif\w+ failed|certificate problem)"
        r"|urlopen error|ERROR: cannot verify|The certificate is NOT trusted"
        r"|requests\.exceptions|ssl\.SSL",
    ),
    Rule(
        "proxy-login",
        r"(?i)\b407 Proxy Authentication Required|Proxy Authentication Required|tunnel failed,"
        r" response 407|Received HTTP code 407 from proxy",
        "the proxy asks for a user and a password",
        "Write `USER:PASSWORD@` in front of the host in the proxy's address, and pass it as "
        "`HTTPS_PROXY` in `build_args=`; it does not stay in the image's history.",
    ),
    Rule(
        "proxy-refuses",
        r"(?i)(403 Forbidden from proxy|Tunnel connection failed: 403|CONNECT tunnel failed, "
        r"response 403|Received HTTP code 403 from proxy)",
        "the proxy does not allow this server",
        "Ask whoever runs the proxy to allow it, or use your company's own index or mirror.",
    ),
    Rule(
        "proxy-down",
        r"(?i)Cannot connect to proxy|ProxyError\(|Could not resolve proxy|Failed to connect to \S"
        r"{1,200} port \d{1,5}.{0,40}proxy|tunneling socket could not be established"
        r"|error trying to connect: .{0,40}proxy|Could not connect to \S{1,200}:(3128|8080) ",
        "the proxy cannot be reached from the step",
        _TAKE_PROXY + " An address such as 127.0.0.1 is the container's own.",
        beside=_GAVE_UP,
    ),
    Rule(
        "index-not-trusted",
        r"repository located at (?P<host>[\w.:-]{1,100}) is not a trusted or secure host",
        "pip ignores the index at {host}, because its address begins with http, not https",
        "Use its `https://` address, or allow it with `--trusted-host {host}`.",
        beside=_GAVE_UP,
    ),
    Rule(
        "no-such-server",
        r"(?i)Temporary failure (in name resolution|resolving)|Could not resolve host"
        r"|Name or service not known|nodename nor servname|getaddrinfo (ENOTFOUND|EAI_AGAIN)"
        r"|failed to lookup address|unable to resolve host address|Failed to resolve '"
        r"|Could not resolve '|bad address '",
        "the step cannot resolve the server's name: it has no network, or needs a proxy",
        "Check the name, and the network of the engine's machine. Behind a proxy, pass it as "
        "`HTTPS_PROXY` in `build_args=`; with a VPN, the host's network (`network=`) may help.",
        beside=_GAVE_UP + r"|(?i:could not resolve|name or service not known|bad address)"
        r"|urlopen error|Temporary failure",
    ),
    Rule(
        "timed-out",
        r"(?i)\b(connection|read|operation|connect) timed out|Connection timed out after"
        r"|\bETIMEDOUT\b|ReadTimeoutError|ConnectTimeoutError|operation too slow"
        r"|HTTP timeout",
        "a server did not answer in time",
        "Try again. If it happens each time, the step needs a nearer mirror, or a proxy "
        "(`HTTPS_PROXY` in `build_args=`).",
        beside=_GAVE_UP + r"|timed out$",
    ),
    Rule(
        "refused",
        r"(?i)Connection refused|\bECONNREFUSED\b|NewConnectionError",
        "a server refuses connections",
        "Check its address. In a step, 127.0.0.1 and localhost are the container itself, unless it "
        "has the host's network (`network=`).",
        beside=_GAVE_UP,
    ),
)
