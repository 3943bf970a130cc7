#!/usr/bin/env python3
"""moto's server, made to answer as AWS does where it does not: it forgets the description of a security group rule whose other end
is a group or a prefix list, so that every plan would find that it had changed."""

import inspect
import sys

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

sys.exit(main(sys.argv[1:]))
