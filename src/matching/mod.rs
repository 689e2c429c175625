//! Merge of sorted streams: units and the leads they find. No token leaves this folder.
