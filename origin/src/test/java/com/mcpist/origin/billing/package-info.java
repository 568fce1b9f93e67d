@NullMarked
package com.mcpist.origin.billing;

import org.jspecify.annotations.NullMarked;
