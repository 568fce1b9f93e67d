@NullMarked
package com.mcpist.e2e.terraform;

import org.jspecify.annotations.NullMarked;
