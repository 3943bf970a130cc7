#!/usr/bin/env python3
"""moto's server, made to answer as AWS does where it does not: it forgets the description of a security group rule whose other end
is a group or a prefix list, and the key of a build project, so that every plan would find that they had changed."""

import inspect
import sys

from moto.codebuild.responses import CodeBuildResponse
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.server import main

plain = SecurityGroupRule.__init__
shape = inspect.signature(plain)


def remembering(*arguments, **named):
    plain(*arguments, **named)
    given = shape.bind(*arguments, **named).arguments
    given["self"].of_prefix_list = (given.get("prefix_list_id") or {}).get("Description")


def description(self):
    return self.ip_range.get("Description") or self.source_group.get("Description") or self.of_prefix_list


SecurityGroupRule.__init__ = remembering
SecurityGroupRule.description = property(description)

create_project = CodeBuildResponse.create_project


def create_project_with_key(self):
    answer = create_project(self)
    key = self._get_param("encryptionKey")
    if key:
        self.codebuild_backend.codebuild_projects[self._get_param("name")].project_metadata["encryptionKey"] = key
    return answer


CodeBuildResponse.create_project = create_project_with_key

sys.exit(main(sys.argv[1:]))
