@NullMarked
package com.mcpist.origin.mount;

import org.jspecify.annotations.NullMarked;
