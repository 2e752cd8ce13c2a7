//! Log files of an invented account, to measure replay on: the same ones on every machine.
//!
//! ```text
//! cargo run --release -p detector --no-default-features --features replay --example corpus -- FOLDER [RECORDS] [FILES]
//! ```
//!
//! By default 1,000,000 records in 404 files, in S3's layout. Kinds of call, lengths and repetition
//! are those of a real account: mostly roles that are assumed, keys that are used, and things that
//! are listed; one call in a hundred writes in IAM.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a tool for whoever works on replay"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use libdeflater::{CompressionLvl, Compressor};

const ACCOUNT: &str = "111122223333";

/// Share of a thousand, source, name, request, response.
type Call = (u64, &'static str, &'static str, &'static str, &'static str);

/// `$R` a role, `$U` a user, `$H` sixteen hexadecimal digits, `$I` an instance, `$B` a bucket.
const CALLS: &[Call] = &[
    (
        230,
        "sts",
        "AssumeRole",
        r#"{"roleArn":"arn:aws:iam::111122223333:role/$R","roleSessionName":"$R-session"}"#,
        r#"{"credentials":{"accessKeyId":"ASIA$K","sessionToken":"IQoJb3JpZ2luX2VjEHYa$H$H$H$H$H$H$H$H$H$H$H$H$H$H$H$H","expiration":"Nov 24, 2026, 3:00:00 AM"},"assumedRoleUser":{"assumedRoleId":"AROAEXAMPLE:$R-session","arn":"arn:aws:sts::111122223333:assumed-role/$R/$R-session"}}"#,
    ),
    (
        190,
        "kms",
        "Decrypt",
        r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::$B/objects/$H$H","service":"$R"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        "null",
    ),
    (
        60,
        "kms",
        "GenerateDataKey",
        r#"{"keyId":"arn:aws:kms:us-east-1:111122223333:alias/$B","keySpec":"AES_256"}"#,
        "null",
    ),
    (
        70,
        "s3",
        "GetBucketAcl",
        r#"{"bucketName":"$B","Host":"$B.s3.amazonaws.com","x-amz-id-2":"$H$H$H$H"}"#,
        "null",
    ),
    (
        50,
        "s3",
        "ListObjects",
        r#"{"list-type":"2","bucketName":"$B","prefix":"tables/$H$H/","Host":"$B.s3.us-east-1.amazonaws.com"}"#,
        "null",
    ),
    (
        30,
        "s3",
        "GetBucketLocation",
        r#"{"bucketName":"$B","Host":"$B.s3.us-east-1.amazonaws.com","location":""}"#,
        "null",
    ),
    (
        90,
        "ec2",
        "DescribeInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"$I"}]},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"$R"}]}}]}}"#,
        "null",
    ),
    (
        40,
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"description","valueSet":{"items":[{"value":"ELB app/$R/*"}]}}]}}"#,
        "null",
    ),
    (30, "ec2", "DescribeVolumes", r#"{"volumeSet":{},"filterSet":{},"maxResults":500}"#, "null"),
    (
        50,
        "logs",
        "CreateLogStream",
        r#"{"logGroupName":"/aws/lambda/$R","logStreamName":"2026/11/24/[$LATEST]$H$H"}"#,
        "null",
    ),
    (30, "logs", "DescribeLogGroups", r#"{"logGroupNamePrefix":"/aws/lambda/$R","limit":50}"#, "null"),
    (40, "monitoring", "DescribeAlarms", r#"{"maxRecords":100,"alarmNamePrefix":"$R"}"#, "null"),
    (
        30,
        "lambda",
        "GetFunction20150331v2",
        r#"{"functionName":"arn:aws:lambda:us-east-1:111122223333:function:$R"}"#,
        "null",
    ),
    (30, "iam", "GetRole", r#"{"roleName":"$R"}"#, "null"),
    (10, "iam", "ListAttachedRolePolicies", r#"{"roleName":"$R"}"#, "null"),
    (10, "iam", "ListUsers", r#"{"maxItems":100}"#, "null"),
    (
        2,
        "iam",
        "CreateAccessKey",
        r#"{"userName":"$U"}"#,
        r#"{"accessKey":{"userName":"$U","accessKeyId":"AKIA$K","status":"Active","createDate":"Nov 24, 2026, 2:00:00 AM"}}"#,
    ),
    (
        1,
        "iam",
        "CreateUser",
        r#"{"userName":"$U","path":"/services/"}"#,
        r#"{"user":{"path":"/services/","userName":"$U","userId":"AIDA$K","arn":"arn:aws:iam::111122223333:user/services/$U"}}"#,
    ),
    (1, "iam", "DeleteUser", r#"{"userName":"$U"}"#, "null"),
    (
        1,
        "iam",
        "AttachUserPolicy",
        r#"{"userName":"$U","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#,
        "null",
    ),
    (
        1,
        "iam",
        "PutUserPolicy",
        r#"{"userName":"$U","policyName":"inline","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::$B/*\"}]}"}"#,
        "null",
    ),
    (
        2,
        "iam",
        "AttachRolePolicy",
        r#"{"roleName":"$R","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}"#,
        "null",
    ),
    (
        1,
        "iam",
        "UpdateAssumeRolePolicy",
        r#"{"roleName":"$R","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
        "null",
    ),
    (1, "iam", "AddUserToGroup", r#"{"groupName":"developers","userName":"$U"}"#, "null"),
];

const AGENTS: &[&str] = &[
    "Boto3/1.43.11 md/Botocore#1.43.11 os/linux#6.12.40 lang/python#3.13.2",
    "aws-sdk-java/2.34.2 md/io#async md/http#NettyNio os/Linux#6.12.40 lang/java#21.0.8",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) ",
    "aws-sdk-go-v2/1.39.0 os/linux lang/go#1.25.1 api/ec2#1.251.0 m/E,i",
];

/// splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

/// One record, as CloudTrail orders its fields.
fn record(random: &mut Random, second: u64, out: &mut String) {
    let mut share = random.below(1_000);
    let (_, source, name, request, response) = CALLS
        .iter()
        .find(|(part, ..)| {
            let hit = share < *part;
            share = share.saturating_sub(*part);
            hit
        })
        .unwrap_or(&CALLS[0]);
    let who = random.below(900);
    let role = format!("service-{:02}-role", random.below(60));
    let fill = |text: &str, random: &mut Random| {
        text.replace("$R", &role)
            .replace("$U", &format!("svc-user-{who:03}"))
            .replace("$B", &format!("example-data-{:02}", who % 40))
            .replace("$I", &format!("i-0{:016x}", 0x00ab_cdef_0123_0000 + who))
            .replace("$K", &format!("EXAMPLE{:09}", random.below(1_000_000_000)))
            .split("$H")
            .map(str::to_owned)
            .reduce(|all, part| format!("{all}{:016x}{part}", random.next()))
            .unwrap_or_default()
    };
    let (request, response) = (fill(request, random), fill(response, random));
    let read_only =
        !matches!(name.as_bytes().first(), Some(b'C' | b'A' | b'P' | b'U')) || *name == "AssumeRole";
    let session = format!("i-{:016x}", (1 + who).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let key = format!("{:016X}", random.next());
    let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
    let time = format!("2026-11-{:02}T{hour:02}:{minute:02}:{:02}Z", 1 + second / 86_400 % 28, second % 60);
    let failed = if random.below(50) == 0 {
        format!(
            r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::{ACCOUNT}:assumed-role/worker-{who}/{session} is not authorized to perform: {source}:{name} because no identity-based policy allows the {source}:{name} action","#
        )
    } else {
        String::new()
    };
    write!(
        out,
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROA{who:09}:{session}","arn":"arn:aws:sts::{ACCOUNT}:assumed-role/worker-{who}/{session}","accountId":"{ACCOUNT}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE{who:09}","arn":"arn:aws:iam::{ACCOUNT}:role/worker-{who}","accountId":"{ACCOUNT}","userName":"worker-{who}"}},"attributes":{{"creationDate":"2026-11-{:02}T{hour:02}:{:02}:{:02}Z","mfaAuthenticated":"false"}}}}}},"eventTime":"{time}","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"10.{}.{}.{}","userAgent":"{}",{failed}"requestParameters":{request},"responseElements":{response},"requestID":"{}","eventID":"{}","readOnly":{read_only},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{ACCOUNT}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3"}}}}"#,
        1 + second / 86_400 % 28,
        random.below(60),
        random.below(60),
        random.below(250),
        random.below(250),
        random.below(250),
        AGENTS[(who % 4) as usize],
        random.uuid(),
        random.uuid(),
    )
    .unwrap();
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let folder = arguments.first().map(Path::new).expect("say into which folder");
    let number = |at: usize, default: u64| arguments.get(at).map_or(default, |text| text.parse().unwrap());
    let (records, files) = (number(1, 1_000_000), number(2, 404));
    let mut random = Random(2_026);
    let mut compressor = Compressor::new(CompressionLvl::default());
    let (mut text, mut written, mut packed_bytes, mut text_bytes) = (String::new(), 0, 0, 0);
    for file in 0..files {
        text.clear();
        text.push_str(r#"{"Records":["#);
        let end = records * (file + 1) / files;
        while written < end {
            // A busy account: seven records a second.
            record(&mut random, written / 7, &mut text);
            written += 1;
            text.push(if written == end { ']' } else { ',' });
        }
        text.push('}');
        let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
        let length = compressor.gzip_compress(text.as_bytes(), &mut packed).unwrap();
        let path = path(folder, written / 7, &mut random);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &packed[..length]).unwrap();
        packed_bytes += length;
        text_bytes += text.len();
    }
    println!("{records} records in {files} files: {packed_bytes} bytes packed, {text_bytes} unpacked");
}

fn path(folder: &Path, second: u64, random: &mut Random) -> PathBuf {
    let day = 1 + second / 86_400 % 28;
    let name = format!(
        "{ACCOUNT}_CloudTrail_us-east-1_202611{day:02}T{:02}{:02}Z_{:016x}.json.gz",
        second / 3_600 % 24,
        second / 60 % 60,
        random.next()
    );
    folder.join(format!("AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/{day:02}")).join(name)
}
