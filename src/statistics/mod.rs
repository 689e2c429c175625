//! Templates: bounded contributions of units, exact tables that stay inside the certifier.
