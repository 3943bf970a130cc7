// The fleet of a tenants file, as a user of cdktn for JavaScript writes it.
//
// node main.js TENANTS_FILE     writes to $CDKTF_OUTDIR
"use strict";

const fs = require("node:fs");
const { App } = require("cdktn");
const { PlatformStack } = require("./platform-stack");
const { TenantStack } = require("./tenant-stack");

/** The network of a size, so many of that size behind an address. */
function network(start, prefix, index) {
    const address = start.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0) + index * 2 ** (32 - prefix);
    return `${[24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join(".")}/${prefix}`;
}

const fleet = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const suffix = fleet.environment_suffix;
const { supernet, prefix_length: prefix } = fleet.network;
const app = new App();
for (const tenant of fleet.tenants) {
    const block = network(supernet.split("/")[0], prefix, tenant.network_index);
    const subnets = [0, 1].map((index) => network(block.split("/")[0], prefix + 4, index));
    new TenantStack(app, tenant.id, suffix, block, subnets);
}
new PlatformStack(app, suffix);
app.synth();
