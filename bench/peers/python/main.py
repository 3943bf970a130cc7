"""The fleet of a tenants file, as a user of CDKTF for Python writes it.

python main.py TENANTS_FILE     writes to $CDKTF_OUTDIR
"""

import ipaddress
import json
import pathlib
import sys

from cdktf import App

from platform_stack import PlatformStack
from tenant_stack import TenantStack

fleet = json.loads(pathlib.Path(sys.argv[1]).read_text())
suffix, plan = fleet["environment_suffix"], fleet["network"]
supernet, prefix = ipaddress.ip_network(plan["supernet"]), plan["prefix_length"]
app = App()
for tenant in fleet["tenants"]:
    first = supernet.network_address + (tenant["network_index"] << (32 - prefix))
    block = ipaddress.ip_network((first, prefix))
    subnets = [str(subnet) for subnet in block.subnets(prefixlen_diff=4)]
    TenantStack(app, tenant["id"], suffix, str(block), subnets)
PlatformStack(app, suffix)
app.synth()
