//! Accounts that are AWS's own: those that policies name so that a service can write its logs, and those
//! whose Lambda layers AWS offers. A list of them is never complete; an account that is not in it counts as
//! anybody's.
//!
//! Sources: the data sources `aws_elb_service_account`, `aws_redshift_service_account`,
//! `aws_cloudtrail_service_account` and `aws_billing_service_account` of the Terraform provider,
//! fwdcloudsec's `known_aws_accounts`, and AWS's documents on Lambda layers.

/// The canonical users under which `CloudFront` writes its logs, in the commercial partition and in China.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html>
pub(crate) const CLOUDFRONT_LOGS: [&str; 2] = [
    "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
    "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",
];

/// Returns what AWS uses an account of its own for; `None` for accounts that are not known to be AWS's.
pub(crate) fn purpose(account: &str) -> Option<&'static str> {
    OWN.iter().find(|(ids, _)| ids.binary_search(&account).is_ok()).map(|(_, purpose)| *purpose)
}

/// Returns whether AWS offers Lambda layers from this account.
pub(crate) fn offers_layers(account: &str) -> bool {
    LAYERS.binary_search(&account).is_ok()
}

/// The purpose of accounts from which API Gateway reaches private endpoints.
pub(crate) const API_GATEWAY_LINKS: &str = "API Gateway private links";

const OWN: [(&[&str], &str); 5] = [
    (LOAD_BALANCERS, "load balancer logs"),
    (REDSHIFT, "Redshift audit logs"),
    (CLOUDTRAIL, "CloudTrail log delivery"),
    (API_GATEWAY, API_GATEWAY_LINKS),
    (OTHERS, "billing, log delivery and similar"),
];

#[rustfmt::skip]
const LOAD_BALANCERS: &[&str] = &[
    "009996457667", "027434742980", "033677994240", "037604701340", "048591011584", "054676820928",
    "076674570225", "091100254016", "098369216593", "114774131450", "121062877647", "127311923021",
    "156460612806", "190560391635", "383597477331", "412137745753", "507241528517", "582318560864",
    "589379963580", "600734575887", "635631232127", "638102146993", "652711504416", "718504428378",
    "740734521339", "754344448648", "770363063475", "783225319266", "797873946194", "897822967062",
    "985666609251",
];

#[rustfmt::skip]
const REDSHIFT: &[&str] = &[
    "013126148197", "053454850223", "075028567923", "090321488786", "111890595117", "193672423079",
    "210876761215", "262260360010", "307160386991", "313564881002", "361669875840", "365689465814",
    "391106570357", "404641285394", "660998842044", "665727464434", "729911121831", "760740231472",
    "762762565011", "865932855811", "902366379725", "907379612154", "915173422425", "945612479654",
];

#[rustfmt::skip]
const CLOUDTRAIL: &[&str] = &[
    "034638983726", "035351147821", "069019280451", "086441151436", "113285607260", "119688915426",
    "187074758985", "193415116832", "216624486486", "262312530599", "282025262664", "284668455005",
    "388731089494", "453052556044", "475085895292", "492519147666", "525921808201", "582488909970",
    "585772288577", "608710470296", "669305197877", "681348832753", "683224464357", "757211635381",
    "765225791966", "814480443879", "819402241893", "829690693026", "859597730677", "886388586500",
    "903692715234", "977081816279",
];

#[rustfmt::skip]
const API_GATEWAY: &[&str] = &[
    "020402002396", "061510835048", "109351309407", "166639821150", "174803364771", "195145609632",
    "287228555773", "359345898052", "392220576650", "394634713161", "474240146802", "507069717855",
    "544388816663", "614065512851", "631144002099", "644042651268", "652364314486", "718770453195",
    "753362059629", "796887884028", "798376113853", "849137399833", "855739686837", "968246515281",
    "969236854626",
];

#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "162777425019", "386209384616", "452565589796", "858827067514",
];

#[rustfmt::skip]
const LAYERS: &[&str] = &[
    "000010852771", "012438385374", "015030872274", "017000801446", "027255383542", "033019950311",
    "039592058896", "044395824272", "066549572091", "066940009817", "070087711984", "080788657173",
    "122132214140", "127562683043", "129776340158", "133256977650", "133490724326", "145023102084",
    "158895979263", "176022468876", "177933569100", "187925254637", "194566237122", "198461476570",
    "200266452380", "203683718741", "282860088358", "285320876703", "287114880934", "287310001119",
    "307021474294", "317013901791", "325218067255", "339249233099", "345057560386", "352183217350",
    "359756378197", "418787028745", "421114256042", "427196147048", "434848589818", "439286490199",
    "459530977127", "488211338238", "489524808438", "490737872127", "493207061005", "519774774795",
    "524103009944", "554480029851", "559955524753", "574348263942", "576959938190", "580247275435",
    "586093569114", "590183865173", "590474943231", "605207715842", "615057806174", "615084187847",
    "630222743974", "646970417810", "662846165436", "665172237481", "706869817123", "727646510379",
    "728743619870", "732604637566", "738900069198", "751350123760", "758369105281", "761018874580",
    "761377655185", "768336418462", "772501565639", "780235371811", "826293736237", "832021897121",
    "858974508948", "879381266642", "891564319516", "901920570463", "933737806257", "946466191631",
    "946561847325", "946746059096", "958113053741", "980059726660", "997803712105",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::is_account_id;

    #[test]
    fn each_list_is_sorted_and_holds_account_ids() {
        for list in OWN.iter().map(|(list, _)| *list).chain([LAYERS]) {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{list:?}");
            assert!(list.iter().all(|id| is_account_id(id)), "{list:?}");
        }
        assert_eq!(purpose("127311923021"), Some("load balancer logs"));
        assert_eq!(purpose("111122223333"), None);
        assert!(offers_layers("580247275435") && !offers_layers("111122223333"));
    }
}
