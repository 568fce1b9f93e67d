@NullMarked
package com.mcpist.origin.ledger;

import org.jspecify.annotations.NullMarked;
