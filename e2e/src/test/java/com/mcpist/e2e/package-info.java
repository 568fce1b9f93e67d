@NullMarked
package com.mcpist.e2e;

import org.jspecify.annotations.NullMarked;
