#!/usr/bin/env python3
"""Everything that there is in an AWS account and region, one `SERVICE NAME` a line: of the kinds that the stacks declare.

Where it is asked says the environment (`AWS_ENDPOINT_URL`, `AWS_REGION` and credentials). A key that waits for its deletion is deleted, as AWS
sees it, and so is an endpoint that is told of for a while; a VPC's own network ACL, route table and group are there with it.
"""

import boto3

LISTS = [
    ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    ("codebuild", "list_projects", "projects[]"),
    ("dynamodb", "list_tables", "TableNames[]"),
    ("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    ("ec2", "describe_network_acls", "NetworkAcls[].NetworkAclId"),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces[].NetworkInterfaceId"),
    ("ec2", "describe_route_tables", "RouteTables[].RouteTableId"),
    ("ec2", "describe_security_groups", "SecurityGroups[].GroupId"),
    ("ec2", "describe_subnets", "Subnets[].SubnetId"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    ("ec2", "describe_vpcs", "Vpcs[].VpcId"),
    ("events", "list_rules", "Rules[].Name"),
    ("iam", "list_policies", "Policies[].Arn"),
    ("iam", "list_roles", "Roles[].Arn"),
    ("kms", "list_aliases", "Aliases[].AliasName"),
    ("lambda", "list_functions", "Functions[].FunctionName"),
    ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    ("logs", "describe_metric_filters", "metricFilters[].filterName"),
    ("logs", "describe_resource_policies", "resourcePolicies[].policyName"),
    ("s3", "list_buckets", "Buckets[].Name"),
    ("sqs", "list_queues", "QueueUrls[]"),
    ("stepfunctions", "list_state_machines", "stateMachines[].name"),
]


def main():
    for service, operation, names in LISTS:
        more = {"Scope": "Local"} if operation == "list_policies" else {}
        for name in boto3.client(service).get_paginator(operation).paginate(**more).search(names):
            # An answer with none of them.
            if name:
                print(service, name)
    kms = boto3.client("kms")
    for key in kms.get_paginator("list_keys").paginate().search("Keys[].KeyId"):
        if key and kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion":
            print("kms", key)


if __name__ == "__main__":
    main()
