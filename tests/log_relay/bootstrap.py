#!/usr/bin/env python3
"""Starts the function behind the emulator's Runtime API, which, unlike AWS, does not say which function is invoked."""

import http.client
import http.server
import os
import pathlib
import subprocess
import sys
import threading

UPSTREAM = os.environ["AWS_LAMBDA_RUNTIME_API"]
ARN = "arn:aws:lambda:us-east-1:123456789012:function:" + os.environ["AWS_LAMBDA_FUNCTION_NAME"]


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPConnection(UPSTREAM)
        upstream.request(self.command, self.path, body, {"Content-Type": "application/json"})
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower().startswith("lambda-runtime-"):
                self.send_header(name, value)
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = forward


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = os.environ | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}"}
sys.exit(subprocess.call([pathlib.Path(__file__).with_name("log-relay")], env=environment))
