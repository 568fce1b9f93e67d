@NullMarked
package com.mcpist.origin.status;

import org.jspecify.annotations.NullMarked;
