@NullMarked
package com.mcpist.origin.health;

import org.jspecify.annotations.NullMarked;
