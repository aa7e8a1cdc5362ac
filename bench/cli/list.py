"""Lists agents the way a script of the Automation API does it: one signed request, one line for each agent."""

import base64
import hashlib
import os
import time

import jwt
import requests

path = "/WebApp/API/AgentResource/ProductAgents"


def checksum(method, raw_url, headers, body):
    text = f"{method.upper()}|{raw_url.lower()}|{headers}|{body}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


claims = {
    "appid": os.environ["CORDON_APPLICATION_ID"],
    "iat": time.time(),
    "version": "V1",
    "checksum": checksum("GET", path, "", ""),
}
token = jwt.encode(claims, os.environ["CORDON_API_KEY"], algorithm="HS256")
answer = requests.get(
    os.environ["CORDON_URL"] + path,
    headers={"Authorization": "Bearer " + token},
    verify=os.environ["CORDON_CA_FILE"],
)
answer.raise_for_status()
for agent in answer.json()["result_content"]:
    print(agent["host_name"], agent["ip_address_list"], agent["isolation_status"], agent["entity_id"], sep="\t")
