@NullMarked
package com.mcpist.testkit.vendor;

import org.jspecify.annotations.NullMarked;
