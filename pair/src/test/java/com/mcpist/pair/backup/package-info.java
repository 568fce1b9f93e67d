@NullMarked
package com.mcpist.pair.backup;

import org.jspecify.annotations.NullMarked;
