#!/usr/bin/env python3
"""ministack's server, made to answer as AWS does where it does not:

- a workflow whose function is throttled is told of an unknown error of Lambda: AWS says `Lambda.TooManyRequestsException`.
"""

import sys

from ministack.app import main
from ministack.services import lambda_svc

execute = lambda_svc._execute_function_with_config_scope


def execute_and_name_the_error(*arguments, **named):
    result = execute(*arguments, **named)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and body.get("__type") == "TooManyRequestsException":
        body.setdefault("errorType", "Lambda.TooManyRequestsException")
    return result


lambda_svc._execute_function_with_config_scope = execute_and_name_the_error

sys.exit(main())
