/** Container images: how they are named, and which digest a tag means. */
@NullMarked
package com.mcpist.deploy.image;

import org.jspecify.annotations.NullMarked;
