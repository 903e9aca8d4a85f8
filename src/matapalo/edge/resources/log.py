"""What the edge says itself: a line of JSON a request, and answers of its own as JSON."""

from matapalo.edge.resources.names import Json, extension, header

LINE = {
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    "request": "%REQ(X-REQUEST-ID)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "method": "%REQ(:METHOD)%",
    # Without the query: it may hold what nobody should read in a log.
    "path": "%PATH(NQ:ORIG_OR_PATH)%",
    "status": "%RESPONSE_CODE%",
    "why": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "ms": "%DURATION%",
    "upstream_ms": "%RESPONSE_DURATION%",
    "sent": "%BYTES_SENT%",
    # Of a slice it names the side too: `slice.cards.new`. Fields of their own would cost a
    # twentieth of all that the edge does with a request.
    "to": "%UPSTREAM_CLUSTER%",
}


SECURITY_SILENT = "the security system does not answer"


def access_log() -> Json:
    """Return the log of every request, on the standard output."""
    return extension(
        "envoy.access_loggers.stdout",
        "extensions.access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": LINE, "json_format_options": {"sort_properties": False}},
    )


def local_replies() -> Json:
    """Return how the edge's own answers look: `{"error": …}`, and 503 always says when to retry."""
    return {
        "body_format": {
            "json_format": {
                "error": "%LOCAL_REPLY_BODY%",
                "status": "%RESPONSE_CODE%",
                "request": "%REQ(X-REQUEST-ID)%",
            },
            "content_type": "application/json",
        },
        "mappers": [
            _unavailable("response.code_details.contains('Jwks_remote_fetch')", SECURITY_SILENT),
            _unavailable("response.code_details == 'ext_authz_error'", SECURITY_SILENT),
            _unavailable("response.code == 503"),
        ],
    }


def _unavailable(when: str, why: str = "") -> Json:
    condition = extension(
        "envoy.access_loggers.extension_filters.cel",
        "extensions.access_loggers.filters.cel.v3.ExpressionFilter",
        expression=when,
    )
    return {
        "filter": {"extension_filter": condition},
        "status_code": 503,
        "headers_to_add": [header("retry-after", "1")],
        **({"body": {"inline_string": why}} if why else {}),
    }
