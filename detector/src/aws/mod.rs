//! Names that AWS itself has fixed: partitions and their DNS suffixes, the parts of an ARN, the
//! accounts that are AWS's own. It knows no records, no policies and no rules; facts read them here, and
//! nowhere else is a partition written out.

pub(crate) mod accounts;
mod arn;
mod partition;

pub(crate) use arn::{Arn, is_account_id};
pub(crate) use partition::{is_partition, service_of};

#[cfg(test)]
pub(crate) use partition::PARTITIONS;
