"""Signs requests with the service's official SDK, and writes them down for the tests of our own signature.

Usage: signatures.py FILE          writes the file
       signatures.py --check FILE  fails where the SDK signs otherwise than the file says
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

ACCESS_KEY = "FENCEPOSTACCESSKEY01"
SECRET_KEY = "a-secret-key-that-signs-nothing-real-0123"
DATE = "20260102T030405Z"
BODY = '{"name":"sample"}'
JSON = {"Content-Type": "application/json"}

# Method, path as it goes out, query, further headers, body.
REQUESTS = [
    ("PUT", "/v3/tasks/ef3b9722-07a0-40ae-89b0-889ee96dfc56", [], JSON, BODY),
    ("PUT", "/v3/tasks/ends-with-a-slash/", [], JSON, BODY),
    ("PUT", "/v3/tasks/a%2Fb%20c%3F%C3%A9~._-", [], JSON, BODY),
    ("PUT", "/v3/tasks/%252F%25", [], JSON, BODY),
    ("PUT", "/v3/tasks/" + "x" * 255, [], JSON, BODY),
    ("PUT", "/gateway/v3/tasks/1", [("fencepost", "1")], JSON, BODY),
    ("GET", "/v3/tasks/1", [("b", "2"), ("a", "x y&=é"), ("B", "~"), ("empty", "")], JSON, ""),
    ("PUT", "/v3/tasks/1", [], JSON, ""),
    ("PUT", "/v3/tasks/1", [], JSON, '{"name":"漢字 😀 \\u0000"}'),
    ("PUT", "/v3/tasks/1", [], {"Content-Type": "application/json; charset=utf-8"}, BODY),
    ("PUT", "/v3/tasks/1", [], {}, BODY),
    ("DELETE", "/v3/tasks/1", [], {}, ""),
    ("PUT", "/v3/tasks/1", [], {**JSON, "X-Second": "  spaces around  ", "X-First": "a  b", "X_Skipped": "1"}, BODY),
]


def signed(host, method, path, query, headers, body):
    request = SdkRequest(
        method=method,
        schema="https",
        host=host,
        resource_path=path,
        query_params=query,
        header_params={**headers, "X-Sdk-Date": DATE, "X-Project-Id": "0123456789abcdef"},
        body=body,
    )
    before = {**request.header_params, "Host": host}
    request = Signer(BasicCredentials(ACCESS_KEY, SECRET_KEY, "0123456789abcdef")).sign(request)
    return {
        "method": method,
        "path": path,
        # The query as the SDK sends it; its order is the signature's own.
        "query": request.uri.partition("?")[2],
        "headers": before,
        "body": body,
        "authorization": request.header_params["Authorization"],
    }


def vectors():
    hosts = ["sms.example.com", "127.0.0.1:8080"]
    requests = [signed(hosts[number % 2], *request) for number, request in enumerate(REQUESTS)]
    keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "date": DATE}
    return json.dumps({**keys, "requests": requests}, ensure_ascii=False, indent=1) + "\n"


def main():
    check = sys.argv[1] == "--check"
    path = sys.argv[-1]
    if not check:
        with open(path, "w", encoding="utf-8") as file:
            file.write(vectors())
        return
    with open(path, encoding="utf-8") as file:
        if file.read() != vectors():
            sys.exit(f"{path} is not what the SDK signs")


if __name__ == "__main__":
    main()
