#!/usr/bin/env python3
"""moto's server, made to answer as AWS does where it does not:

- it forgets the description of a security group rule whose other end is a group or a prefix list, so that every plan would find that it
  had changed;
- it fails to delete an endpoint a second time, as the provider asks when it has lost the answer to the first, since the routes are gone
  with the first;
- it fails to replace an association of a network ACL a second time, with no answer that tells why: AWS does not find it any more;
- it forgets the key of a build project, so that every plan would find that it had changed;
- it leaves a build project that is deleted by its ARN, as the provider does;
- it leaves the default network ACL of a VPC that is deleted.
"""

import inspect
import sys

from moto.codebuild.models import CodeBuildBackend
from moto.codebuild.responses import CodeBuildResponse
from moto.ec2.exceptions import InvalidAssociationIdError
from moto.ec2.models.network_acls import NetworkAclBackend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.models.vpcs import VPCBackend
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

delete = VPCBackend.delete_vpc_endpoints


def delete_once(self, vpce_ids=None):
    there = [id for id in vpce_ids or [] if id not in self.vpc_end_points or self.vpc_end_points[id].state != "deleted"]
    return delete(self, there)


VPCBackend.delete_vpc_endpoints = delete_once
replace = NetworkAclBackend.replace_network_acl_association


def replace_what_is_there(self, association_id, network_acl_id):
    if not any(association_id in acl._associations for acl in self.network_acls.values()):
        raise InvalidAssociationIdError(association_id)
    return replace(self, association_id, network_acl_id)


NetworkAclBackend.replace_network_acl_association = replace_what_is_there

delete_vpc = VPCBackend.delete_vpc


def delete_with_acl(self, vpc_id):
    deleted = delete_vpc(self, vpc_id)
    for acl in [acl for acl in self.network_acls.values() if acl.default and acl.vpc_id == vpc_id]:
        del self.network_acls[acl.id]
    return deleted


VPCBackend.delete_vpc = delete_with_acl

create_project = CodeBuildResponse.create_project


def create_project_with_key(self):
    answer = create_project(self)
    key = self._get_param("encryptionKey")
    if key:
        self.codebuild_backend.codebuild_projects[self._get_param("name")].project_metadata["encryptionKey"] = key
    return answer


CodeBuildResponse.create_project = create_project_with_key

delete_project = CodeBuildBackend.delete_project


def delete_project_by_either(self, name_or_arn):
    delete_project(self, name_or_arn.rpartition(":project/")[2])


CodeBuildBackend.delete_project = delete_project_by_either

sys.exit(main(sys.argv[1:]))
