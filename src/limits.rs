//! Every bound of the certifier, with its reason.
