"""Shows that the service's own SDK gets along with the stub: a client that nobody here wrote.

Usage: official_sdk.py URL CONTRACT

Sends the contract's example to the server at URL, and expects an id back. The credentials are made up; with an
endpoint given, the SDK asks nobody else about them.
"""

import json
import sys

import huaweicloudsdksms.v3 as sms
import yaml
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig


def example(contract):
    """The task id and the update that the contract shows."""
    operation = contract["paths"]["/v3/tasks/{task_id}"]["put"]
    task_id = next(p["example"] for p in operation["parameters"] if p["in"] == "path")
    content = operation["requestBody"]["content"]["application/json"]
    return task_id, json.loads(content["examples"]["page"]["x-text"])


def model(type_name, value):
    """The SDK's object for a JSON value; members that the SDK does not know are left out."""
    if type_name.startswith("list[") and value is not None:
        return [model(type_name[len("list[") : -1], element) for element in value]
    kind = getattr(sms, type_name, None)
    if kind is None or value is None:
        return value
    return kind(
        **{
            name: model(member_type, value[kind.attribute_map[name]])
            for name, member_type in kind.openapi_types.items()
            if kind.attribute_map[name] in value
        }
    )


def update(url, contract):
    """Sends the example, and gives the id that comes back."""
    config = HttpConfig(timeout=(10, 10), retry_times=0)
    credentials = BasicCredentials("made-up-ak", "made-up-sk", "made-up-project")
    client = (
        sms.SmsClient.new_builder()
        .with_http_config(config)
        .with_credentials(credentials)
        .with_endpoint(url)
        .build()
    )
    task_id, body = example(contract)
    request = sms.UpdateTaskRequest(task_id, model("PutTaskReq", body))
    # The SDK's response has the whole body as one text and no id, so the id is read from the body.
    answer = client.update_task(request).to_json_object()
    answer_id = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(answer_id, str):
        raise ValueError(f"expected an object with a string id, got {answer!r}")
    return answer_id


def main():
    url, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        contract = yaml.safe_load(file)
    try:
        print(update(url, contract))
    except (SdkException, OSError, ValueError) as error:
        sys.exit(f"official SDK: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
