// A fleet of two tenants as other people write one: plain CDKTF, no library of this workspace, no provider bindings.
//
//   node app.js LIBRARY VARIANT     LIBRARY is cdktf or cdktn; VARIANT is isolated, leaky or opaque
//
// It writes to $CDKTF_OUTDIR.
"use strict";
const [library, variant] = process.argv.slice(2);
const { App, Fn, TerraformElement, TerraformProvider, TerraformResource, TerraformStack, Token } = require(library);

const any = (construct, name) => Token.asString(construct.interpolationForAttribute(name));

/** A resource without bindings: its arguments as they are. */
class Resource extends TerraformResource {
  constructor(scope, type, id, args) {
    super(scope, id, { terraformResourceType: type });
    this.args = args;
  }
  synthesizeAttributes() {
    return this.args;
  }
}

/** A data source without bindings. */
class Data extends TerraformElement {
  constructor(scope, type, id, args) {
    super(scope, id, type);
    this.type = type;
    this.args = args;
  }
  toTerraform() {
    return { data: { [this.type]: { [this.friendlyUniqueId]: this.args } } };
  }
  get(name) {
    return `\${data.${this.type}.${this.friendlyUniqueId}.${name}}`;
  }
}

class Provider extends TerraformProvider {
  constructor(scope, args) {
    super(scope, "aws", { terraformResourceType: "aws", terraformProviderSource: "hashicorp/aws" });
    this.args = args;
  }
  synthesizeAttributes() {
    return this.args;
  }
}

class TenantStack extends TerraformStack {
  constructor(scope, id, others) {
    super(scope, `tenant-${id}-dev`);
    const tags = { TenantId: id };
    const name = (what) => `tenant-${id}-${what}-dev`;
    new Provider(this, { region: "eu-west-1", default_tags: [{ tags }] });
    const me = new Data(this, "aws_caller_identity", "me", {});

    const bucket = new Resource(this, "aws_s3_bucket", "bucket", { bucket: name("data"), tags });
    const queue = new Resource(this, "aws_sqs_queue", "queue", { name: name("jobs"), tags });
    const trust = new Data(this, "aws_iam_policy_document", "trust", {
      statement: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
          condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [me.get("account_id")] }],
        },
      ],
    });
    const reads = variant === "leaky" ? [`arn:aws:s3:::tenant-*-data-dev/*`] : [`${any(bucket, "arn")}/*`];
    const role = new Resource(this, "aws_iam_role", "worker", {
      name: name("worker"),
      assume_role_policy: trust.get("json"),
      tags,
      inline_policy: [
        {
          name: "objects",
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Sid: "Objects", Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: reads }],
          }),
        },
      ],
    });
    const jobs = new Data(this, "aws_iam_policy_document", "on_queue", {
      statement: [{ sid: "Jobs", actions: ["sqs:SendMessage", "sqs:ReceiveMessage"], resources: [any(queue, "arn")] }],
    });
    new Resource(this, "aws_iam_role_policy", "queue_access", { role: any(role, "name"), policy: jobs.get("json") });
    new Resource(this, "aws_s3_bucket_policy", "tls", {
      bucket: any(bucket, "id"),
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [any(bucket, "arn"), `${any(bucket, "arn")}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    });
    if (variant === "opaque") {
      // Terraform alone knows what becomes of these.
      new Resource(this, "aws_iam_role_policy", "computed", {
        role: any(role, "name"),
        policy: Fn.jsonencode({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "s3:ListBucket", Resource: any(bucket, "arn") }],
        }),
      });
      new Resource(this, "aws_appsync_graphql_api", "api", {
        name: name("api"),
        authentication_type: "AWS_IAM",
        tags,
      });
    }
  }
}

const app = new App();
for (const id of ["acme", "bolt"]) {
  new TenantStack(app, id);
}
app.synth();
