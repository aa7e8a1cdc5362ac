#!/usr/bin/python3
"""Does what Apex Central's two guides do, with the libraries that they use: PyJWT and requests.

    guide_client.py isolate | restore | upload

GUIDE_URL, GUIDE_APPLICATION_ID and GUIDE_API_KEY say where to send and with which key. The guides do not check
certificates; GUIDE_CERTIFICATE names a file to check against instead.
"""

import base64
import hashlib
import json
import os
import sys
import time

import jwt
import requests

SERVER = os.environ["GUIDE_URL"]
APPLICATION_ID = os.environ["GUIDE_APPLICATION_ID"]
API_KEY = os.environ["GUIDE_API_KEY"]
VERIFY = os.environ.get("GUIDE_CERTIFICATE") or False

AGENTS = "/WebApp/API/AgentResource/ProductAgents"
UPLOAD = "/WebApp/API/SuspiciousObjectResource/FileUDSO"
OBJECTS = "/WebApp/api/SuspiciousObjects/UserDefinedSO/"

PATIENCE_SECONDS = 20
# The guide's file, byte for byte: its SHA-1 is printed there.
FILE_NAME, FILE_CONTENT = "VerySmallFile.txt", b"123123"


def token_for(method, path_and_query, body):
    """Canonical headers are empty: no header of ours begins with "api"."""
    hashed = "|".join([method, path_and_query.lower(), "", body])
    checksum = base64.b64encode(hashlib.sha256(hashed.encode()).digest()).decode()
    claims = {"appid": APPLICATION_ID, "iat": time.time(), "version": "V1", "checksum": checksum}
    return jwt.encode(claims, API_KEY, algorithm="HS256")


def call(method, path, query="", payload=None, content_type="application/json;charset=utf-8"):
    body = "" if payload is None else json.dumps(payload)
    headers = {"Authorization": "Bearer " + token_for(method, path + query, body), "Content-Type": content_type}
    return requests.request(
        method, SERVER + path + query, headers=headers, data=body, verify=VERIFY, timeout=PATIENCE_SECONDS
    )


def show(answer):
    print(answer.status_code)
    print(json.dumps(answer.json(), indent=4))


def first_agent():
    answer = call("GET", AGENTS)
    answer.raise_for_status()
    return answer.json()["result_content"][0]


def act(name, until):
    host_name = first_agent()["host_name"]
    print("host name:", host_name)
    show(call("POST", AGENTS, payload={"host_name": host_name, "act": name, "allow_multiple_match": True}))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while first_agent()["isolation_status"] != until:
        if time.monotonic() > deadline:
            sys.exit(f"{host_name} is not {until}.")
        time.sleep(0.02)
    print("isolation status:", until)


def upload():
    payload = {
        "file_name": FILE_NAME,
        "file_content_base64_string": base64.b64encode(FILE_CONTENT).decode(),
        "file_scan_action": "LOG",
        "note": "Small file for test",
    }
    show(call("PUT", UPLOAD, payload=payload, content_type="application/json"))
    show(call("GET", OBJECTS, query="?type=file"))


if __name__ == "__main__":
    if not VERIFY:
        requests.packages.urllib3.disable_warnings()
    {
        "isolate": lambda: act("cmd_isolate_agent", "isolated"),
        "restore": lambda: act("cmd_restore_isolated_agent", "normal"),
        "upload": upload,
    }[sys.argv[1]]()
