# SPDX-License-Identifier: MIT
"""What a server must make of upgrade requests, good and bad, and of connections that begin with no HTTP/1 request, as
tables (pbs-protocol E, F.1). `known`: see malformed_cases.py."""
import collections

from raw_http2 import GOOD_START, good_headers, http1, request, upgrade_path

UpgradeCase = collections.namedtuple("UpgradeCase", "name sent status body known", defaults=("", None))
GarbageCase = collections.namedtuple("GarbageCase", "name sent known", defaults=(None,))

ONE = "parameter verification failed - "
MISSING = "parameter is missing and it is not optional."
PATTERN = "value does not match the regex pattern"
EXTRA = "schema does not allow additional properties."


def upgrade_with(p, target=None, method="GET", body=b"", **headers):
    wanted = {**good_headers(p), **{n.replace("_", "-"): v for n, v in headers.items()}}
    return http1(method, target or upgrade_path(p), wanted, body)


def parameter_cases(p):
    def case(name, text, **changes):
        return UpgradeCase(name, upgrade_with(p, upgrade_path(p, **changes)), 400, text)
    snapshot = f"snapshot vm/999/{p['backup_time_text']} does not exist."
    return [
        case("store missing", ONE + f"'store': {MISSING}", store=None),
        case("id missing", ONE + f"'backup-id': {MISSING}", backup_id=None),
        case("time missing", ONE + f"'backup-time': {MISSING}", backup_time=None),
        case("type missing", ONE + f"'backup-type': {MISSING}", backup_type=None),
        case("two parameters missing", f"parameter verification failed:\n- 'backup-id': {MISSING}\n"
             f"- 'backup-time': {MISSING}", backup_id=None, backup_time=None),
        case("unknown parameter", ONE + f"'colour': {EXTRA}", colour="blue"),
        case("unknown type", None, backup_type="disk"),
        case("id with a slash", ONE + f"'backup-id': {PATTERN}", backup_id="1%2F0"),
        case("id with a leading dot", ONE + f"'backup-id': {PATTERN}", backup_id=".100"),
        case("time zero", None, backup_time="0"),
        case("time negative", None, backup_time="-5"),
        case("time no number", None, backup_time="today"),
        case("time beyond 64 bits", None, backup_time="9" * 30),
        case("debug no boolean", None, debug="perhaps"),
        case("namespace with an empty component", None, ns="a%2F%2Fb"),
        case("store name too short", None, store="ab"),
        case("store name too long", None, store="a" * 33),
        case("unknown store", "no such datastore 'nope'", store="nope"),
        case("unknown snapshot", snapshot, backup_id="999"),
        UpgradeCase("parameter twice", upgrade_with(p, upgrade_path(p) + "&store=" + p["store"]), 400, None),
        UpgradeCase("bad percent escape", upgrade_with(p, upgrade_path(p, store="%zz")), 400, None),
        UpgradeCase("escape cut short", upgrade_with(p, upgrade_path(p) + "%2"), 400, None),
    ]


def header_cases(p):
    unauthorized = "authentication failed"
    no_snapshot = upgrade_path(p, backup_id="999")
    token, secret = p["token"], p["secret"]
    return [
        UpgradeCase("good", upgrade_with(p), 101),
        UpgradeCase("Upgrade missing", upgrade_with(p, upgrade=None), 400, "missing Upgrade header"),
        UpgradeCase("Upgrade to another protocol", upgrade_with(p, upgrade="h2c"), 400, "invalid protocol name"),
        UpgradeCase("Upgrade to the backup protocol", upgrade_with(p, upgrade="proxmox-backup-protocol-v1"), 400,
                    "invalid protocol name"),
        UpgradeCase("Upgrade is looked at before the snapshot", upgrade_with(p, no_snapshot, upgrade=None), 400,
                    "missing Upgrade header"),
        UpgradeCase("the store is looked at before Upgrade",
                    upgrade_with(p, upgrade_path(p, store="nope"), upgrade=None), 400, "no such datastore 'nope'"),
        UpgradeCase("authentication missing", upgrade_with(p, authorization=None), 401, unauthorized),
        UpgradeCase("authentication is looked at first",
                    upgrade_with(p, upgrade_path(p, store="nope"), authorization=None), 401, unauthorized),
        UpgradeCase("wrong secret", upgrade_with(p, authorization=f"PBSAPIToken {token}:{secret}x"), 401, unauthorized),
        UpgradeCase("empty secret", upgrade_with(p, authorization=f"PBSAPIToken {token}:"), 401, unauthorized),
        UpgradeCase("another token", upgrade_with(p, authorization=f"PBSAPIToken root@pam!no:{secret}"), 401,
                    unauthorized),
        UpgradeCase("another scheme", upgrade_with(p, authorization=f"Bearer {token}:{secret}"), 401, unauthorized),
        UpgradeCase("forged ticket", upgrade_with(p, authorization=None, cookie="PBSAuthCookie=PBS%3Aroot@pam%3A0%3A%3Ax"),
                    401, unauthorized),
        UpgradeCase("POST", upgrade_with(p, method="POST", content_length="0"), 404,
                    "Path '/api2/json/reader' not found."),
        UpgradeCase("unknown path", upgrade_with(p, "/api2/json/readers"), 404, "Path '/api2/json/readers' not found."),
        UpgradeCase("dot component", upgrade_with(p, "/api2/json/../json/reader"), 400, None),
        UpgradeCase("escaped dot component", upgrade_with(p, "/api2/json/%2e%2e/reader"), 400, None),
        UpgradeCase("target of 4000 bytes", upgrade_with(p, upgrade_path(p, ns="a" * 4000)), 414, None),
        UpgradeCase("body", upgrade_with(p, content_length="5", body=b"hello"), 400, None),
    ]


# Connections whose first bytes after TLS are no proper HTTP/1 request. 400, or the end of the connection.
def garbage_cases(p):
    head = upgrade_with(p)[:-2]  # still without its blank line
    return [
        GarbageCase("HTTP/2 without upgrade", GOOD_START + request(1, "/speedtest")),
        GarbageCase("binary", bytes(range(256)) * 16 + b"\r\n\r\n"),
        GarbageCase("zeros", bytes(4096) + b"\r\n\r\n"),
        GarbageCase("no version", b"GET /api2/json/version\r\n\r\n"),
        GarbageCase("version 9", b"GET /api2/json/version HTTP/9.9\r\nhost: x\r\n\r\n"),
        GarbageCase("no method", b"/api2/json/version HTTP/1.1\r\nhost: x\r\n\r\n"),
        GarbageCase("request line of 100 KiB", b"GET /" + b"a" * 102400 + b" HTTP/1.1\r\nhost: x\r\n\r\n"),
        GarbageCase("header of 2 MiB", head + b"x-large: " + b"y" * (2 << 20) + b"\r\n\r\n"),
        GarbageCase("50000 headers", head + b"x-a: b\r\n" * 50000 + b"\r\n"),
        GarbageCase("body length no number", head + b"content-length: five\r\n\r\n"),
        GarbageCase("body length beyond 64 bits", b"POST /api2/json/access/ticket HTTP/1.1\r\nhost: x\r\ncontent-length: "
         + b"9" * 30 + b"\r\n\r\n{}"),
        GarbageCase("chunked garbage", b"POST /api2/json/access/ticket HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
         b"zz\r\nhello\r\n0\r\n\r\n"),
    ]
